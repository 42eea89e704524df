"""Writes PNG chunks (the PNG specification, third edition), sound and lying."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB = 0, 2


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    """Return one chunk with its checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def header(width: int, height: int, depth: int = 8, colour: int = GREY) -> bytes:
    """Return the first chunk."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def rows(width: int, height: int, depth: int = 8, channels: int = 1) -> bytes:
    """Return the chunk of a black picture."""
    length = 1 + (width * depth * channels + 7) // 8
    packer = zlib.compressobj(9)
    line = bytes(length)
    packed = b"".join(packer.compress(line) for _ in range(height))
    return chunk(b"IDAT", packed + packer.flush())


def picture(*before: bytes, width: int = 32, height: int = 24) -> bytes:
    """Return a black picture with these chunks before its rows."""
    return SIGNATURE + header(width, height) + b"".join(before) + rows(width, height) + chunk(b"IEND")
