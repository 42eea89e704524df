"""Writes boxes of the ISO base media file format (ISO/IEC 14496-12), sound and lying."""

import struct


def box(kind: bytes, *content: bytes) -> bytes:
    """Return one box around its content."""
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind: bytes, *content: bytes, version: int = 0, flags: int = 0) -> bytes:
    """Return one box with version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def long_box(kind: bytes, size: int, content: bytes = b"") -> bytes:
    """Return one box that claims `size` bytes in 64 bits."""
    return struct.pack(">I4sQ", 1, kind, size) + content


def ftyp(brand: bytes, *compatible: bytes) -> bytes:
    """Return the first box, which names the format."""
    return box(b"ftyp", brand, bytes(4), *(compatible or (brand,)))


def movie(*more: bytes, tracks: bytes = b"") -> bytes:
    """Return the index of a film of no length with these tracks."""
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    times = struct.pack(">4I", 0, 0, 1000, 0)
    header = full(b"mvhd", times, struct.pack(">IH10x", 0x10000, 0x100), matrix, bytes(24), struct.pack(">I", 2))
    return box(b"moov", header, tracks, *more)


def track(handler: bytes, table: bytes, references: bytes, header: bytes = b"", number: int = 1) -> bytes:
    """Return one track with its sample table and data references."""
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    head = full(b"tkhd", struct.pack(">5I12x4x", 0, 0, number, 0, 1000), matrix, struct.pack(">2I", 64 << 16, 48 << 16))
    media = full(b"mdhd", struct.pack(">4IHH", 0, 0, 1000, 1000, 0x55C4, 0))
    name = full(b"hdlr", bytes(4), handler, bytes(12), b"\0")
    data = box(b"dinf", full(b"dref", struct.pack(">I", 1), references))
    return box(b"trak", head, box(b"mdia", media, name, box(b"minf", header or full(b"nmhd"), data, table)))


def sample_table(entry: bytes, *tables: bytes) -> bytes:
    """Return the tables that tell where the samples are."""
    return box(b"stbl", full(b"stsd", struct.pack(">I", 1), entry), *tables)


def raw_picture() -> bytes:
    """Return the entry of uncompressed pictures of 64 by 48."""
    shape = struct.pack(">HH", 64, 48)
    resolution = struct.pack(">II4xH", 72 << 16, 72 << 16, 1)
    return box(b"raw ", bytes(6), b"\0\1", bytes(16), shape, resolution, bytes(32), struct.pack(">Hh", 24, -1))
