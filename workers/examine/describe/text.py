"""Texts: encoding and lines, streamed in bounded chunks; it leaves their meaning to others."""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from charset_normalizer import from_bytes
from charset_normalizer.constant import IANA_SUPPORTED

from shared.metadata import TextMetadata
from workers.examine.describe import Described

KIND = "text"

MAX_BYTES = 256 * 1024 * 1024
"""Beyond this a text's lines are not counted."""
_CHUNK_BYTES = 256 * 1024
_WINDOW_BYTES = 32 * 1024

# The marks of UTF-32 come first: the little-endian one starts with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def prepare() -> None:
    """Load every codec that may be tried."""
    for name in (*IANA_SUPPORTED, "utf-8-sig", "utf-16", "utf-32"):
        codecs.lookup(name)


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return encoding, number of lines and longest line."""
    del media_type
    file.seek(0)
    mark = file.read(4)
    marked = next((encoding for bytes_, encoding in _MARKS if mark.startswith(bytes_)), None)
    encoding = marked or "utf-8"
    try:
        return _measured(file, encoding)
    except UnicodeError:
        if marked:
            return Described.of(TextMetadata(), f"The text is marked as {marked} and is not")
    return _inferred(file)


def _inferred(file: BinaryIO) -> Described:
    """Ask charset-normalizer about the surroundings of the first bytes that are no UTF-8."""
    file.seek(max(0, _first_foreign_byte(file) - _WINDOW_BYTES // 2))
    best = from_bytes(file.read(_WINDOW_BYTES)).best()
    if best is None:
        return Described.of(TextMetadata())
    # Where several give the same characters, the one that the web means by "latin1" says most.
    # https://encoding.spec.whatwg.org/#names-and-labels
    encoding = "cp1252" if "cp1252" in best.could_be_from_charset else best.encoding
    try:
        measured = _measured(file, encoding)
    except UnicodeError:
        return Described.of(TextMetadata())
    return Described(measured.metadata, (*measured.warnings, "encoding is inferred from a part of the text"))


def _first_foreign_byte(file: BinaryIO) -> int:
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    while chunk := file.read(_CHUNK_BYTES):
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as fault:
            return file.tell() - len(chunk) + fault.start
    return 0


def _measured(file: BinaryIO, encoding: str) -> Described:
    lines = longest = length = 0
    for text in _decoded(file, encoding):
        first, *others = text.split("\n")
        length += len(first)
        if others:
            longest = max(longest, length, *map(len, others))
            lines, length = lines + len(others), len(others[-1])
    name = encoding.removesuffix("-sig").replace("_", "-")
    if file.read(1):
        return Described.of(TextMetadata(encoding=name), f"The text is longer than {MAX_BYTES} bytes")
    return Described(TextMetadata(encoding=name, lines=lines + bool(length), longest_line=max(longest, length)))


def _decoded(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield the text in pieces with line feeds as its only line ends; raise UnicodeError where it cannot."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    file.seek(0)
    while file.tell() < MAX_BYTES and (chunk := file.read(_CHUNK_BYTES)):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=file.tell() < MAX_BYTES)
