"""The character encoding of a text, and its characters; it leaves what they mean to others."""

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
_HEAD_BYTES = 4096
_RAREST_NULL = 32
NULLS = "The text holds NUL characters, which no text does"

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
    for name in (*IANA_SUPPORTED, "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
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
    try:
        return _guessed(file, foreign), True
    except UnicodeError:
        return None, True


def guessed_encoding(file: BinaryIO) -> str:
    """Return what a text without a mark that is no UTF-8 seems to be in; raise UnicodeError where nothing fits."""
    return _guessed(file, _first_foreign_byte(file) or 0)


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


def _guessed(file: BinaryIO, foreign: int) -> str:
    """Judge by the surroundings of the first bytes that are no UTF-8."""
    file.seek(max(0, foreign - _WINDOW_BYTES // 2))
    window = file.read(_WINDOW_BYTES)
    if b"\0" in window:
        return _unmarked_utf_16(file)
    best = from_bytes(window).best()
    if best is None:
        raise UnicodeError
    # Where several give the same characters, the one that the web means by "latin1" says most.
    # https://encoding.spec.whatwg.org/#names-and-labels
    return "cp1252" if "cp1252" in best.could_be_from_charset else best.encoding


def _unmarked_utf_16(file: BinaryIO) -> str:
    """Tell by the side of the NUL bytes: spaces and Latin letters have one, always on the same."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    first, second = head[::2].count(0), head[1::2].count(0)
    if min(first, second) or _RAREST_NULL * max(first, second) < len(head) // 2:
        raise UnicodeError(NULLS)
    return "utf-16-be" if first else "utf-16-le"


def _first_foreign_byte(file: BinaryIO) -> int | None:
    """Return where the first byte stands that is no UTF-8 or NUL, None where there is none within the bound."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    position = 0
    file.seek(0)
    while position < MAX_BYTES:
        chunk = file.read(_CHUNK_BYTES)
        null = chunk.find(0)
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk if null < 0 else chunk[:null], final=not chunk)
        except UnicodeDecodeError as fault:
            return position - pending + fault.start
        if null >= 0:
            return position + null
        if not chunk:
            break
        position += len(chunk)
    return None
