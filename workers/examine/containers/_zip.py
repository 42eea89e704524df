"""A zip's entries, read in bounded parts and without trust; it leaves what they mean to zipped.py.

zipfile would read the whole directory, of a million entries too. Layouts: APPNOTE.TXT, sections 4.3.7 to 4.3.16,
https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from workers.examine.content import Content

MAX_DIRECTORY_BYTES = 1024 * 1024

_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_MAX_COMMENT_BYTES = 0xFFFF
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_CENTRAL_MARK = b"PK\x01\x02"
_LOCAL = struct.Struct("<4s5H3L2H")
_LOCAL_MARK = b"PK\x03\x04"
_DEFLATED = 8
_STREAMED = 0x08
_NOWHERE = 0xFFFFFFFF  # the real place is in a zip64 field


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in the zip; `offset` is where its local header stands."""

    name: str
    method: int
    packed: int
    offset: int

    def start(self, content: Content) -> int | None:
        """Return where its data begin, None where no local header stands at the offset."""
        header = content.read(self.offset, _LOCAL.size)
        if len(header) < _LOCAL.size or not header.startswith(_LOCAL_MARK):
            return None
        name_length, extra_length = _LOCAL.unpack(header)[-2:]
        return self.offset + _LOCAL.size + int(name_length) + int(extra_length)

    def data(self, content: Content, limit: int) -> bytes:
        """Return the first bytes unpacked, at most `limit`; raise zlib.error where they are broken."""
        start = self.start(content)
        packed = content.read(start, min(self.packed, limit)) if start else b""
        if self.method == _DEFLATED:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, limit)
        return packed


@dataclass(frozen=True, slots=True)
class Directory:
    """Where a zip's directory lies; `end` is just behind the archive's comment."""

    start: int
    length: int
    shift: int
    """By how much all offsets in it are too small, since something precedes the archive."""
    end: int


def directory(content: Content) -> Directory | None:
    """Return the directory that the end record in the file's last bytes points to, else None."""
    tail = content.tail(_END.size + _MAX_COMMENT_BYTES)
    at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) - at < _END.size:
        return None
    *_, length, offset, comment = _END.unpack_from(tail, at)
    place = content.size - len(tail) + at
    end = place + _END.size + comment
    for start in (place - length, offset):  # the second for zip64, whose records stand between the two
        if 0 <= start < place and content.read(start, 4) == _CENTRAL_MARK:
            return Directory(start, length, start - offset if offset != _NOWHERE else 0, end)
    return None


def entries(content: Content) -> Iterator[Entry]:
    """Yield what the directory's first bytes list; nothing where there is none."""
    found = directory(content)
    if found is None:
        return
    listed, at = content.read(found.start, min(found.length, MAX_DIRECTORY_BYTES)), 0
    while listed.startswith(_CENTRAL_MARK, at) and at + _CENTRAL.size <= len(listed):
        fields = _CENTRAL.unpack_from(listed, at)
        method, packed, offset = fields[4], fields[8], fields[-1]
        lengths = fields[10:13]
        name = listed[at + _CENTRAL.size : at + _CENTRAL.size + lengths[0]]
        yield Entry(name.decode(errors="replace"), method, packed, offset + found.shift)
        at += _CENTRAL.size + sum(lengths)


def local_entries(content: Content) -> Iterator[Entry]:
    """Yield what stands in the head, for a zip whose directory is missing, as a cut one's is."""
    head, at = content.head, 0
    while head.startswith(_LOCAL_MARK, at) and at + _LOCAL.size <= len(head):
        fields = _LOCAL.unpack_from(head, at)
        flags, method, packed, name_length, extra_length = fields[2], fields[3], fields[7], fields[9], fields[10]
        name = head[at + _LOCAL.size : at + _LOCAL.size + name_length]
        yield Entry(name.decode(errors="replace"), method, packed, at)
        if flags & _STREAMED:  # the length follows the data: the next header cannot be reached
            return
        at += _LOCAL.size + name_length + extra_length + packed
