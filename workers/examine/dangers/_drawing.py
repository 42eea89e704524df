"""Reads an SVG for whatever acts or reaches out of the file, by expat; it leaves drawing it to others.

What browsers run or load in an image's place: https://www.w3.org/TR/SVG2/conform.html#secure-static-mode
"""

import re
from typing import BinaryIO
from xml.parsers import expat

MAX_ELEMENTS = 2_000_000
MAX_STYLE = 1_000_000
"""Longest style or attribute, in characters, in which escapes are undone."""
# An attribute that goes on over many chunks is read again with each: https://nvd.nist.gov/vuln/detail/CVE-2023-52425
_CHUNK_BYTES = 4 * 1024**2
_ELEMENTS = frozenset({"script", "foreignobject", "iframe", "embed", "object", "handler", "listener"})
_INSTRUCTIONS = frozenset({"xml-stylesheet", "php"})
_INSIDE = re.compile(r"#|data:image/(?:png|jpe?g|gif|webp|avif|bmp)[;,]|\Z")
_LINK = re.compile(r"https?:|mailto:")
_SCRIPTS = ("javascript:", "vbscript:", "data:text/")
_SKIPPED = re.compile(r"[\x00-\x20]+")
# CSS may write any letter as an escape: https://www.w3.org/TR/css-syntax-3/#escaping
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_REACHES_OUT = re.compile(r"@import|url\(\s*+[\"']?\s*+(?!#|data:(?!text/))[^\s\"')]|expression\(", re.IGNORECASE)
_WELL_KNOWN = "http://www.w3.org/"


class Active(Exception):
    """The drawing does more than show; the message says what, after "The drawing"."""


def read(file: BinaryIO) -> None:
    """Raise Active for the first thing that acts or reaches out; ValueError where the file is no XML."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    reader = _Reader()
    parser.StartElementHandler = reader.element
    parser.CharacterDataHandler = reader.text
    parser.EndElementHandler = reader.end
    parser.EntityDeclHandler = reader.entity
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.ProcessingInstructionHandler = reader.instruction
    try:
        while chunk := file.read(_CHUNK_BYTES):
            parser.Parse(chunk, False)  # noqa: FBT003 - its only form
        parser.Parse(b"", True)  # noqa: FBT003
    except (expat.ExpatError, LookupError) as fault:
        raise ValueError("no XML") from fault


class _Reader:
    """What is done at each part of the file."""

    def __init__(self) -> None:
        self._elements = 0
        self._style: list[str] | None = None

    def element(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise Active(f"has more than the {MAX_ELEMENTS} elements that are searched")
        if local in _ELEMENTS:
            raise Active(f"holds an element {local}")
        for attribute, value in attributes.items():
            _check_attribute(local, _local(attribute), value)
        self._style = [] if local == "style" else self._style

    def text(self, text: str) -> None:
        if self._style is not None:
            self._style.append(text)

    def end(self, name: str) -> None:
        if _local(name) == "style":
            _check_style("".join(self._style or ()))
            self._style = None

    def entity(self, *_: object) -> None:
        raise Active("defines entities")

    def doctype(self, _name: str, system: str | None, _public: str | None, _subset: object) -> None:
        if system and not system.startswith(_WELL_KNOWN):
            raise Active("refers to a document type outside of it")

    def instruction(self, target: str, _data: str) -> None:
        if target.lower() in _INSTRUCTIONS:
            raise Active(f"holds an instruction {target.lower()}")


def _check_attribute(element: str, name: str, value: str) -> None:
    if name.startswith("on"):
        raise Active(f"has a handler {name}")
    refers = name in {"href", "src"}
    plain = _SKIPPED.sub("", value).lower() if refers or ":" in value else ""  # as browsers read addresses
    if any(script in plain for script in _SCRIPTS):
        raise Active(f"holds a script in {name}")
    if refers and not _INSIDE.match(plain) and not (element == "a" and _LINK.match(plain)):
        raise Active(f"refers to something outside of it in {name}")
    _check_style(value)


def _check_style(style: str) -> None:
    if "\\" in style and len(style) > MAX_STYLE:
        raise Active("has a style that is too long to be searched")
    if _REACHES_OUT.search(_ESCAPE.sub(_letter, style) if "\\" in style else style):
        raise Active("loads something from outside in a style")


def _letter(escape: re.Match[str]) -> str:
    return chr(min(int(escape[1], 16), 0xFFFF)) if escape[1] else escape[2]


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()
