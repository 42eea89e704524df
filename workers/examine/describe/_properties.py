"""Property sets of compound files, MS-OLEPS: title, author, times and counts; it leaves the streams to _compound.py.

olefile reads them too, but takes a vector's length, up to 2^32, at its word. No vector is read here.
"""

import codecs
import struct
from collections.abc import Iterator

from workers.examine.describe._compound import Compound
from workers.examine.describe._found import Found
from workers.examine.describe._times import from_filetime

_SUMMARY, _DOCUMENT_SUMMARY = "\x05summaryinformation", "\x05documentsummaryinformation"
_MAX_BYTES = 64 * 1024
_MAX_PROPERTIES = 256

# Sections 2.21 and 2.20: byte order, version, system, class and number of sets, then the first set's name and place;
# a set's length and number of properties; a property's name and place within the set.
_PLACE = struct.Struct("<44xI")
_SET = struct.Struct("<II")
_LENGTH = struct.Struct("<I")
_TICKS = struct.Struct("<Q")

# Section 2.15: types.
_INT32, _STRING, _WIDE_STRING, _TIME = 0x03, 0x1E, 0x1F, 0x40

# MS-OSHARED, sections 2.3.3.2.1 and 2.3.3.2.2
_FIELDS = {
    _SUMMARY: {2: "title", 4: "author", 12: "created", 13: "modified", 14: "pages", 15: "words", 18: "application"},
    _DOCUMENT_SUMMARY: {7: "slides"},
}
_CODE_PAGE = 1

_CODECS = {1200: "utf-16-le", 10000: "mac-roman", 65001: "utf-8"}
_CODECS |= {number: f"cp{number}" for number in (437, 850, 852, 866, 874, 932, 936, 949, 950, *range(1250, 1259))}


def prepare() -> None:
    """Load the codecs of the code pages, which a caged child cannot import."""
    for codec in _CODECS.values():
        codecs.lookup(codec)


def read(compound: Compound, found: Found) -> None:
    """Add what both sets tell."""
    for stream, names in _FIELDS.items():
        values = dict(_values(compound.head(stream, _MAX_BYTES)))
        for identifier, name in names.items():
            # Number of slides is asked of presentations alone.
            if identifier in values and name not in found.lacking:
                _tell(found, name, *values[identifier], code_page=_code_page(values))


def _values(content: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Yield identifier, type and what follows of each property."""
    start = _number(_PLACE, content, 0)
    for index in range(min(_number(_LENGTH, content, start + _LENGTH.size), _MAX_PROPERTIES)):
        head = start + _SET.size * (index + 1)
        place = start + _number(_LENGTH, content, head + _LENGTH.size)
        yield _number(_LENGTH, content, head), (_number(_LENGTH, content, place), content[place + _LENGTH.size :])


def _number(form: struct.Struct, content: bytes, place: int) -> int:
    return int(form.unpack_from(content, place)[0]) if place + form.size <= len(content) else 0


def _code_page(values: dict[int, tuple[int, bytes]]) -> int:
    _, content = values.get(_CODE_PAGE, (0, b""))
    return int.from_bytes(content[:2], "little")


def _tell(found: Found, name: str, type_: int, content: bytes, *, code_page: int) -> None:
    length = _number(_LENGTH, content, 0)
    rest = content[_LENGTH.size :]
    if type_ == _TIME:
        if ticks := _number(_TICKS, content, 0):  # none is noted as 0
            found.put(name, from_filetime(ticks))
    elif type_ == _INT32:
        found.put(name, length)
    elif type_ == _WIDE_STRING:
        found.put(name, _decoded(rest[: 2 * length], "utf-16-le"))
    elif type_ == _STRING:
        # An unknown code page says nothing of letters beyond ASCII.
        found.put(name, _decoded(rest[:length], _CODECS.get(code_page, "ascii")))


def _decoded(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec).partition("\0")[0].strip()
    except UnicodeDecodeError:
        return None
