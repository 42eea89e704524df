"""The character encoding of a text that is parsed further, and its characters; it leaves plain texts to text.py."""

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from charset_normalizer import from_bytes
from charset_normalizer.constant import IANA_SUPPORTED

from workers.examine.describe._bounds import MAX_BYTES

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


def marked_encoding(file: BinaryIO) -> str | None:
    """Return the encoding whose byte order mark the file starts with."""
    file.seek(0)
    mark = file.read(4)
    return next((encoding for bytes_, encoding in _MARKS if mark.startswith(bytes_)), None)


def inferred_encoding(file: BinaryIO) -> tuple[str | None, bool]:
    """Return the encoding of a text, None where none fits, and whether it is only inferred from a part."""
    if marked := marked_encoding(file):
        return marked, False
    foreign = _first_foreign_byte(file)
    if foreign is None:
        return "utf-8", False
    file.seek(max(0, foreign - _WINDOW_BYTES // 2))
    best = from_bytes(file.read(_WINDOW_BYTES)).best()
    if best is None:
        return None, True
    # Where several give the same characters, the one that the web means by "latin1" says most.
    # https://encoding.spec.whatwg.org/#names-and-labels
    return ("cp1252" if "cp1252" in best.could_be_from_charset else best.encoding), True


def name_of(encoding: str) -> str:
    """Return an encoding's name as metadata tell it."""
    return encoding.removesuffix("-sig").replace("_", "-")


@contextmanager
def decoded(file: BinaryIO, encoding: str) -> Iterator[io.TextIOWrapper]:
    """Read the file as characters, line ends as they are, and leave it open."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        yield text
    finally:
        text.detach()


def _first_foreign_byte(file: BinaryIO) -> int | None:
    """Return where the text stops being UTF-8, None where it does not within the bound."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    position = 0
    file.seek(0)
    while position < MAX_BYTES:
        chunk = file.read(_CHUNK_BYTES)
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as fault:
            return position - pending + fault.start
        if not chunk:
            break
        position += len(chunk)
    return None
