"""A JSON text as a stream of events, bounded in bytes, depth and values; it leaves their meaning to others."""

import decimal
import sys
from collections.abc import Iterator
from typing import Protocol

import ijson
from ijson.backends import yajl2_c

from workers.examine.describe import Unreadable
from workers.examine.describe._bounds import MAX_BYTES, MAX_ROW_BYTES, BeyondBound

MAX_DEPTH = 1000
MAX_VALUES = 3_000_000
OPENING = frozenset({"start_map", "start_array"})
CLOSING = frozenset({"end_map", "end_array"})

_CHUNK_BYTES = 64 * 1024
_CARET = "^"

# Python converts no longer ones, and the parser survives no exception of a conversion.
# https://docs.python.org/3/library/stdtypes.html#int-max-str-digits
_MAX_DIGITS = sys.int_info.default_max_str_digits
_DIGITS_ALIKE = bytes(ord("0") if chr(n) in "0123456789" else ord(" ") for n in range(256))
_TOO_MANY_DIGITS = b"0" * (_MAX_DIGITS + 1)

Event = tuple[int, str, object]
"""How many objects and arrays are open around it, its name in ijson's words, its value."""


class Readable(Protocol):
    """What bytes come from."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""


class _Source:
    """Feeds the parser, and stops where nothing is parsed from what it is fed: it would gather a huge value."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._read = 0
        self._last = b""
        self.unparsed = 0

    def read(self, size: int) -> bytes:
        if self.unparsed > MAX_ROW_BYTES:
            raise BeyondBound(f"a value is longer than {MAX_ROW_BYTES} bytes")
        if self._read > MAX_BYTES:
            raise BeyondBound(f"the JSON is longer than {MAX_BYTES} bytes")
        chunk = self._file.read(size)
        self._read += len(chunk)
        self.unparsed += len(chunk)
        digits = self._last + chunk.translate(_DIGITS_ALIKE)
        if _TOO_MANY_DIGITS in digits:
            raise BeyondBound(f"the JSON holds more than {_MAX_DIGITS} digits in a row")
        self._last = digits[-_MAX_DIGITS:]
        return chunk


def events(file: Readable, max_depth: int = MAX_DEPTH) -> Iterator[Event]:
    """Yield the events of one JSON text in UTF-8, from where the file stands to its end.

    Raise Unreadable where it is none (RFC 8259) or too deep, BeyondBound where it goes on beyond a bound.
    """
    source, level, values = _Source(file), 0, 0
    try:
        with decimal.localcontext() as context:
            context.traps[decimal.InvalidOperation] = False  # an exponent of any size is JSON, and none crashes
            for name, value in yajl2_c.basic_parse(source, buf_size=_CHUNK_BYTES):
                source.unparsed = 0
                values += 1
                if values > MAX_VALUES:
                    raise BeyondBound(f"the JSON holds more than {MAX_VALUES} values, keys and ends")
                level -= name in CLOSING
                yield level, name, value
                level += name in OPENING
                if level > max_depth:
                    raise Unreadable(f"The JSON is nested more than {max_depth} deep.")
    except ijson.JSONError as fault:
        raise Unreadable(_in_words(str(fault))) from fault


def _in_words(message: str) -> str:
    """Return yajl's message without what it shows of the content, but for numbers that other formats allow."""
    first, _, shown = message.removeprefix("b'").replace("\\n", "\n").partition("\n")
    excerpt, _, pointer = shown.partition("\n")
    # The caret stands one character behind the first that is wrong.
    if excerpt[pointer.find(_CARET) - 1 :].lstrip("-").startswith(("NaN", "Infinity")):
        first = "NaN and Infinity are no JSON numbers"
    return f"The content is no JSON: {first.rstrip('.')}."
