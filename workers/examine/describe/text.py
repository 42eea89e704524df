"""Texts: encoding, language and lines, streamed in bounded chunks; it leaves their meaning to others."""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from charset_normalizer import from_bytes
from charset_normalizer.constant import IANA_SUPPORTED

from shared.metadata import TextMetadata
from workers.examine.describe import Described
from workers.examine.describe._language import WINDOW_CHARACTERS, language
from workers.examine.describe._language import prepare as prepare_language

KIND = "text"

MAX_BYTES = 256 * 1024 * 1024
"""Beyond this a text's lines are not counted."""
_CHUNK_BYTES = 256 * 1024
_WINDOW_BYTES = 32 * 1024
_HEAD_BYTES = 4096
_RAREST_NULL = 32

_ABSENT = frozenset({"language"})
_NULLS = "The text holds NUL characters, which no text does"

# The marks of UTF-32 come first: the little-endian one starts with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def prepare() -> None:
    """Load every codec that may be tried, and the model of languages."""
    for name in (*IANA_SUPPORTED, "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        codecs.lookup(name)
    prepare_language()


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return encoding, language, number of lines and longest line."""
    del media_type
    file.seek(0)
    mark = file.read(4)
    marked = next((encoding for bytes_, encoding in _MARKS if mark.startswith(bytes_)), None)
    encoding = marked or "utf-8"
    try:
        return _measured(file, encoding)
    except UnicodeError:
        if marked:
            return _unknown(f"The text is marked as {marked} and is not")
    return _inferred(file)


def _unknown(*warnings: str) -> Described:
    return Described.of(TextMetadata(), *warnings, absent=_ABSENT)


def _inferred(file: BinaryIO) -> Described:
    """Ask charset-normalizer about the surroundings of the first bytes that are no UTF-8."""
    file.seek(max(0, _first_foreign_byte(file) - _WINDOW_BYTES // 2))
    window = file.read(_WINDOW_BYTES)
    encoding = _unmarked_utf_16(file) if b"\0" in window else _guessed(window)
    if encoding is None:
        return _unknown(*[_NULLS] if b"\0" in window else [])
    try:
        measured = _measured(file, encoding)
    except UnicodeError:
        return _unknown()
    return Described(measured.metadata, (*measured.warnings, "encoding is inferred from a part of the text"))


def _guessed(window: bytes) -> str | None:
    best = from_bytes(window).best()
    if best is None:
        return None
    # Where several give the same characters, the one that the web means by "latin1" says most.
    # https://encoding.spec.whatwg.org/#names-and-labels
    return "cp1252" if "cp1252" in best.could_be_from_charset else best.encoding


def _unmarked_utf_16(file: BinaryIO) -> str | None:
    """Tell by the side of the NUL bytes: spaces and Latin letters have one, always on the same."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    first, second = head[::2].count(0), head[1::2].count(0)
    if min(first, second) or _RAREST_NULL * max(first, second) < len(head) // 2:
        return None
    return "utf-16-be" if first else "utf-16-le"


def _first_foreign_byte(file: BinaryIO) -> int:
    """Return where the first byte stands that is no UTF-8 or NUL."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    while chunk := file.read(_CHUNK_BYTES):
        null = chunk.find(0)
        try:
            decoder.decode(chunk if null < 0 else chunk[:null])
        except UnicodeDecodeError as fault:
            return file.tell() - len(chunk) + fault.start
        if null >= 0:
            return file.tell() - len(chunk) + null
    return 0


def _measured(file: BinaryIO, encoding: str) -> Described:
    lines = longest = length = 0
    window = ""
    for text in _decoded(file, encoding):
        window += text[: WINDOW_CHARACTERS - len(window)]
        first, *others = text.split("\n")
        length += len(first)
        if others:
            longest = max(longest, length, *map(len, others))
            lines, length = lines + len(others), len(others[-1])
    metadata = TextMetadata(encoding=encoding.removesuffix("-sig").replace("_", "-"), language=language(window))
    if file.read(1):
        return Described.of(metadata, f"The text is longer than {MAX_BYTES} bytes", absent=_ABSENT)
    counts = {"lines": lines + bool(length), "longest_line": max(longest, length)}
    return Described(metadata.model_copy(update=counts))


def _decoded(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield the text in pieces with line feeds as its only line ends; raise UnicodeError where it is none."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    file.seek(0)
    while file.tell() < MAX_BYTES and (chunk := file.read(_CHUNK_BYTES)):
        text = decoder.decode(chunk)
        if "\0" in text:
            raise UnicodeError(_NULLS)
        yield text
    yield decoder.decode(b"", final=file.tell() < MAX_BYTES)
