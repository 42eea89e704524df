"""Packs zeros by the gigabyte in no time: one packed mebibyte, repeated."""

import functools
import zlib

MIB = 1024 * 1024
GIB = 1024 * MIB
_LAST_BLOCK = b"\3\0"


def deflated(size: int) -> bytes:
    """Return a raw DEFLATE stream (RFC 1951) of as many zeros, in whole mebibytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return one * (size // MIB) + _LAST_BLOCK


def packed(size: int) -> bytes:
    """Return a zlib stream (RFC 1950) of as many zeros."""
    checksum = size % 65521 << 16 | 1
    return b"\x78\xda" + deflated(size) + checksum.to_bytes(4, "big")


@functools.cache
def checksum(size: int) -> int:
    """Return the CRC-32 of as many zeros, in whole mebibytes."""
    value = 0
    for _ in range(size // MIB):
        value = zlib.crc32(bytes(MIB), value)
    return value
