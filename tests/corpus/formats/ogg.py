"""Writes Ogg pages (RFC 3533), sound and empty."""

import struct

_POLYNOMIAL = 0x04C11DB7
FIRST, LAST = 2, 4


def _table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1 ^ (_POLYNOMIAL if value & 0x80000000 else 0)) & 0xFFFFFFFF
        table.append(value)
    return table


_TABLE = _table()


def _checksum(content: bytes) -> int:
    value = 0
    for byte in content:
        value = (value << 8 & 0xFFFFFFFF) ^ _TABLE[value >> 24 ^ byte]
    return value


def page(content: bytes, number: int, flags: int = 0, granule: int = 0) -> bytes:
    """Return one page that holds one packet, or the first 65025 bytes of it."""
    whole, rest = divmod(len(content), 255)
    lacing = bytes([255] * whole + [rest])[:255]
    fields = struct.pack("<BBqIIIB", 0, flags, granule, 1, number, 0, len(lacing))
    blank = b"OggS" + fields + lacing + content
    return blank[:22] + struct.pack("<I", _checksum(blank)) + blank[26:]
