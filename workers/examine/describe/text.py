"""Texts: encoding, language and lines, streamed in bounded chunks; it leaves their meaning to others."""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from shared.metadata import TextMetadata
from workers.examine.describe import Described, _characters
from workers.examine.describe._bounds import MAX_BYTES
from workers.examine.describe._characters import NULLS, guessed_encoding, marked_encoding, name_of
from workers.examine.describe._language import WINDOW_CHARACTERS, language
from workers.examine.describe._language import prepare as prepare_language

KIND = "text"

_CHUNK_BYTES = 256 * 1024
_ABSENT = frozenset({"language"})


def prepare() -> None:
    """Load every codec that may be tried, and the model of languages."""
    _characters.prepare()
    prepare_language()


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return encoding, language, number of lines and longest line."""
    del media_type
    marked = marked_encoding(file)
    try:
        return _measured(file, marked or "utf-8")
    except UnicodeError:
        if marked:
            return _unknown(f"The text is marked as {marked} and is not")
        return _inferred(file)


def _unknown(*warnings: str) -> Described:
    return Described.of(TextMetadata(), *warnings, absent=_ABSENT)


def _inferred(file: BinaryIO) -> Described:
    try:
        encoding = guessed_encoding(file)
    except UnicodeError as fault:
        return _unknown(*fault.args)
    try:
        measured = _measured(file, encoding)
    except UnicodeError:
        return _unknown()
    return Described(measured.metadata, (*measured.warnings, "encoding is inferred from a part of the text"))


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
    metadata = TextMetadata(encoding=name_of(encoding), language=language(window))
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
            raise UnicodeError(NULLS)
        yield text
    yield decoder.decode(b"", final=file.tell() < MAX_BYTES)
