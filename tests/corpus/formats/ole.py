"""Writes compound files, the shell of old Office documents ([MS-CFB]), with streams of whole sectors."""

import struct
from collections.abc import Mapping

SECTOR = 512
_FREE, _CHAIN_END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SUMMARY = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")
_SMALLEST = 4096


def compound(streams: Mapping[str, bytes]) -> bytes:
    """Return a file of these streams: one sector of table, one of directory for each four entries, then the bytes."""
    names = ["Root Entry", *streams]
    directory_sectors = -(-len(names) // 4)
    table, bodies, starts = [_TABLE], b"", [_CHAIN_END]
    table += _chain(1, directory_sectors)
    for content in streams.values():
        padded = content.ljust(_SMALLEST, b"\0")
        padded = padded.ljust(-(-len(padded) // SECTOR) * SECTOR, b"\0")
        starts.append(len(table))
        table += _chain(len(table), len(padded) // SECTOR)
        bodies += padded
    sizes = [0, *(max(_SMALLEST, len(content)) for content in streams.values())]
    entries = [_entry(n, name, starts[n], sizes[n], len(names)) for n, name in enumerate(names)]
    directory = b"".join(entries).ljust(directory_sectors * SECTOR, b"\0")
    packed = struct.pack(f"<{len(table)}I", *table).ljust(SECTOR, b"\xff")
    return _header() + packed + directory + bodies


def summary(title: str, author: str) -> bytes:
    """Return the stream that holds title and author ([MS-OLEPS])."""
    fields = [_text(text) for text in (title, author)]
    places, position = b"", 8 + 8 * len(fields)
    for number, content in zip((2, 4), fields, strict=True):
        places += struct.pack("<II", number, position)
        position += len(content)
    body = struct.pack("<II", position, len(fields)) + places + b"".join(fields)
    return struct.pack("<HHI16sI16sI", 0xFFFE, 0, 2, bytes(16), 1, _SUMMARY, 48) + body


def _text(text: str) -> bytes:
    content = text.encode("cp1252") + b"\0"
    return struct.pack("<II", 0x1E, len(content)) + content.ljust(-(-len(content) // 4) * 4, b"\0")


def _chain(start: int, sectors: int) -> list[int]:
    return [*range(start + 1, start + sectors), _CHAIN_END]


def _entry(number: int, name: str, start: int, size: int, entries: int) -> bytes:
    title = (name + "\0").encode("utf-16-le")
    kind = 2 if number else 5
    # A list instead of a balanced tree: each entry has the next one at its right.
    right = number + 1 if number and number + 1 < entries else _FREE
    child = 1 if not number and entries > 1 else _FREE
    links = struct.pack("<BBIII", kind, 1, _FREE, right, child)
    return title.ljust(64, b"\0") + struct.pack("<H", len(title)) + links + bytes(36) + struct.pack("<IQ", start, size)


def _header() -> bytes:
    versions = struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    places = struct.pack("<IIIIIIIII", 0, 1, 1, 0, _SMALLEST, _CHAIN_END, 0, _CHAIN_END, 0)
    table = struct.pack("<109I", 0, *[_FREE] * 108)
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + versions + places + table
