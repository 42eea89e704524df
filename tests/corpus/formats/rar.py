"""Writes RAR 5 archives of stored files (https://www.rarlab.com/technote.htm), sound and lying."""

import struct
import zlib

SIGNATURE = b"Rar!\x1a\x07\x01\x00"
_ARCHIVE, _FILE, _END = 1, 2, 5
_WITH_DATA, _WITH_CRC, _UNIX = 2, 4, 1


def vint(number: int) -> bytes:
    """Return a number in groups of seven bits, the lowest first."""
    groups = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


def block(kind: int, flags: int, fields: bytes, data: bytes = b"", claimed: int | None = None) -> bytes:
    """Return one block with its checksum."""
    size = vint(len(data) if claimed is None else claimed) if flags & _WITH_DATA else b""
    head = vint(kind) + vint(flags) + size + fields
    measured = vint(len(head)) + head
    return struct.pack("<I", zlib.crc32(measured)) + measured + data


def stored(name: bytes, content: bytes, size: int | None = None, claimed: int | None = None) -> bytes:
    """Return a file's block."""
    unpacked = vint(len(content) if size is None else size)
    checksum = struct.pack("<I", zlib.crc32(content))
    fields = vint(_WITH_CRC) + unpacked + vint(0o100644) + checksum + vint(0) + vint(_UNIX) + vint(len(name)) + name
    return block(_FILE, _WITH_DATA, fields, content, claimed)


def archive(*blocks: bytes) -> bytes:
    """Return an archive of these blocks."""
    return SIGNATURE + block(_ARCHIVE, 0, vint(0)) + b"".join(blocks) + block(_END, 0, vint(0))
