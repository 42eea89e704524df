"""Writes ZIP archives record by record (APPNOTE.TXT), so that each may lie; zipfile would not let them."""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

STORED, DEFLATED = 0, 8
SYMLINK = 0o120777 << 16


@dataclass(frozen=True)
class Entry:
    """One entry; whatever is None is told truly."""

    name: bytes
    content: bytes = b""
    method: int = STORED
    packed: bytes | None = None
    size: int | None = None
    crc: int | None = None
    flags: int = 0
    attributes: int = 0
    extra: bytes = b""

    @property
    def data(self) -> bytes:
        """The bytes as they stand in the archive."""
        if self.packed is not None:
            return self.packed
        return deflated(self.content) if self.method == DEFLATED else self.content

    @property
    def facts(self) -> bytes:
        """The fields that both headers share."""
        size = len(self.content) if self.size is None else self.size
        crc = zlib.crc32(self.content) if self.crc is None else self.crc
        lengths = struct.pack("<HH", len(self.name), len(self.extra))
        times = struct.pack("<HH", 0, 0x21)
        packed = struct.pack("<III", crc, len(self.data), size & 0xFFFFFFFF)
        return struct.pack("<HHH", 20, self.flags, self.method) + times + packed + lengths


def deflated(content: bytes) -> bytes:
    """Return the content as a raw DEFLATE stream."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def local(entry: Entry) -> bytes:
    """Return the header before an entry's bytes, and these."""
    return b"PK\3\4" + entry.facts + entry.name + entry.extra + entry.data


def central(entry: Entry, offset: int) -> bytes:
    """Return an entry of the directory at the end."""
    places = struct.pack("<HHHII", 0, 0, 0, entry.attributes, offset)
    return b"PK\1\2" + struct.pack("<H", 3 << 8 | 20) + entry.facts + places + entry.name + entry.extra


def end(entries: int, size: int, offset: int, comment: bytes = b"") -> bytes:
    """Return the record at the end."""
    count = min(entries, 0xFFFF)
    return b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, size, offset, len(comment)) + comment


def archive(entries: Iterable[Entry], before: bytes = b"", comment: bytes = b"") -> bytes:
    """Return an archive of these entries, after whatever stands before it."""
    body, directory, listed = before, b"", list(entries)
    for entry in listed:
        directory += central(entry, len(body))
        body += local(entry)
    return body + directory + end(len(listed), len(directory), len(body), comment)


def files(members: dict[str, bytes], method: int = DEFLATED) -> bytes:
    """Return a sound archive of these files, in their order."""
    return archive(Entry(name.encode(), content, method) for name, content in members.items())
