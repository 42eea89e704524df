"""The boxes of MP4 and QuickTime at the top level: whether the index and the file are whole; the rest is FFmpeg's."""

import io
from collections.abc import Iterator
from typing import BinaryIO

_SHORT_HEADER = 8
_LONG_HEADER = 16
_MAX_BOXES = 100_000


def has_whole_index(file: BinaryIO) -> bool:
    """Say whether the file holds a whole `moov`, without which nothing in it can be found."""
    size = file.seek(0, io.SEEK_END)
    return any(kind == b"moov" and end <= size for kind, end in _boxes(file, size))


def is_cut(file: BinaryIO) -> bool:
    """Say whether the last box runs past the file's end."""
    size = file.seek(0, io.SEEK_END)
    return any(end > size for _, end in _boxes(file, size))


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """Yield the type and end of each box that begins within the file's size.

    A size of 0 means up to the end, 1 that 64 bits follow: ISO/IEC 14496-12, section 4.2.
    """
    position = 0
    for _ in range(_MAX_BOXES):
        if position >= size:
            return
        file.seek(position)
        header = file.read(_LONG_HEADER)
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:], "big")
        if length < _SHORT_HEADER:
            return
        position += length
        yield header[4:8], position
