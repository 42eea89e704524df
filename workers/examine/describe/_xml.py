"""XML of documents, streamed through Expat; nothing in it is expanded or fetched, and its meaning is others'.

Names are local ones: the formats read here have two sets of namespaces for the same names, strict and transitional.
"""

import functools
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any
from xml.parsers import expat

from workers.examine.describe import Unreadable

MAX_DEPTH = 1000
MAX_CHARACTERS = 4096
"""Of one element's text, that much is kept."""

Start = Callable[[list[str], Mapping[str, str]], None]
"""Takes the path of names down to an element, and its attributes by local name."""
End = Callable[[list[str], str], None]
"""Takes the path of an element without children, and its text."""


def walk(pieces: Iterable[bytes], start: Start | None = None, end: End | None = None) -> None:
    """Call `start` and `end` for the elements in their order.

    Raise Unreadable where it is not well-formed, declares entities or is nested too deeply.
    """
    pieces = iter(pieces)
    head = next(pieces, b"")
    parser = _parser(head)
    _Walk(parser, start, end)
    try:
        for piece in chain((head,), pieces):
            parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003 - Expat takes no names
    except expat.ExpatError as fault:
        raise Unreadable(f"A part's XML is broken: {fault}.") from fault


def texts(pieces: Iterable[bytes], *wanted: str) -> dict[str, str]:
    """Return the first text that is not empty of each wanted element."""
    found: dict[str, str] = {}

    def end(path: list[str], text: str) -> None:
        if path[-1] in wanted and text.strip():
            found.setdefault(path[-1], text.strip())

    walk(pieces, end=end)
    return found


class _Walk:
    """Follows one parser, and keeps the path and the latest text."""

    def __init__(self, parser: Any, start: Start | None, end: End | None) -> None:
        self._start, self._end = start, end
        self._path: list[str] = []
        self._text: list[str] | None = None
        parser.StartElementHandler = self._opened
        parser.EndElementHandler = self._closed
        if end:
            parser.CharacterDataHandler = self._read

    def _opened(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._path) == MAX_DEPTH:
            raise Unreadable(f"A part's XML is nested deeper than {MAX_DEPTH} levels.")
        self._path.append(_local(name))
        self._text = []
        if self._start:
            self._start(self._path, attributes and {_local(key): value for key, value in attributes.items()})

    def _closed(self, _: str) -> None:
        if self._end and self._text is not None:
            self._end(self._path, "".join(self._text)[:MAX_CHARACTERS])
        self._text = None
        self._path.pop()

    def _read(self, text: str) -> None:
        if self._text is not None and len(self._text) < MAX_CHARACTERS:
            self._text.append(text[:MAX_CHARACTERS])


def _parser(head: bytes) -> Any:
    # These formats allow UTF-8 and UTF-16 alone. To name one keeps Expat from asking Python for any other codec.
    encoding = "utf-16" if head[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in head[:4] else "utf-8"
    parser = expat.ParserCreate(encoding, " ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_declarations
    return parser


def _refuse_declarations(_name: str, _system: str | None, _public: str | None, internal: int) -> None:
    # An external one is not fetched, so it does nothing; entities can be declared in an internal one alone.
    if internal:
        raise Unreadable("A part's XML has declarations of its own, which documents may not have.")


@functools.lru_cache(maxsize=1024)
def _local(name: str) -> str:
    return name.rpartition(" ")[2]
