"""Compound files, MS-CFB, opened by olefile within bounds of our own; it leaves what the streams mean to _ole.py."""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import olefile

from workers.examine.describe import Unreadable

MARK = olefile.MAGIC

MAX_STREAM_BYTES = 16 * 1024 * 1024
"""How much of one stream is read."""

_HEADER = struct.Struct("<30x2H10xI16xI")
_SECTOR_SHIFTS = frozenset({9, 12})
_MINI_SECTOR_SHIFT = 6


class Compound:
    """The streams of one file, by their path in small letters. Raise Unreadable where it is broken."""

    def __init__(self, file: BinaryIO) -> None:
        _check_header(file)
        with _faults_named():
            self._file: Any = olefile.OleFileIO(file)
            self.entries: dict[str, Any] = dict(_entries(self._file.root))

    def __contains__(self, path: str) -> bool:
        return path in self.entries

    def length(self, path: str) -> int:
        """Return how long a stream is in bytes, 0 without it."""
        return int(self.entries[path].size) if path in self.entries else 0

    def head(self, path: str, size: int = MAX_STREAM_BYTES) -> bytes:
        """Return a stream's first bytes, fewer where its chain of sectors breaks off."""
        size = min(size, self.length(path))
        with _faults_named():
            if self.length(path) >= self._file.minisectorcutoff:
                return self._chained(self.entries[path].isectStart, size)
            # Short streams share one, which olefile reads whole.
            if size and self._file.root.size <= MAX_STREAM_BYTES:
                return bytes(self._file.openstream(path).read(size))
        return b""

    def _chained(self, sector: int, size: int) -> bytes:
        found = bytearray()
        length, table = self._file.sectorsize, self._file.fat
        while len(found) < size and sector < len(table):
            self._file.fp.seek(length * (sector + 1))
            found += self._file.fp.read(length)
            sector = table[sector]
        return bytes(found[:size])


def _check_header(file: BinaryIO) -> None:
    """Refuse tables longer than the file, which olefile would read in a loop: MS-CFB, section 2.2."""
    file.seek(0)
    head = file.read(_HEADER.size)
    if len(head) < _HEADER.size:
        raise Unreadable("The file ends within its header.")
    sector_shift, mini_shift, tables, mini_tables = _HEADER.unpack(head)
    if sector_shift not in _SECTOR_SHIFTS or mini_shift != _MINI_SECTOR_SHIFT:
        raise Unreadable("The file's sectors have an impossible size.")
    if max(tables, mini_tables) > file.seek(0, io.SEEK_END) >> sector_shift:
        raise Unreadable("The file's tables are longer than the file.")
    file.seek(0)


def _entries(root: Any) -> Iterator[tuple[str, Any]]:
    """Yield path and entry of each storage and stream."""
    waiting = [("", root)]
    while waiting:
        path, entry = waiting.pop()
        for kid in entry.kids:
            name = f"{path}{kid.name}".lower()
            yield name, kid
            waiting.append((f"{name}/", kid))


@contextmanager
def _faults_named() -> Iterator[None]:
    try:
        yield
    except (MemoryError, PermissionError):  # the cage's doing, not the file's
        raise
    except Exception as fault:  # olefile raises nearly anything on broken bytes
        raise Unreadable(f"The compound file is broken: {type(fault).__name__}.") from fault
