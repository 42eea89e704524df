"""Whether a file of boxes (MP4, QuickTime) is whole, which FFmpeg does not tell; it leaves the boxes' content to it."""

import io
from typing import BinaryIO

_SHORT_HEADER = 8
_LONG_HEADER = 16
_MAX_BOXES = 100_000


def missing_bytes(file: BinaryIO) -> int:
    """Return by how many bytes the last box at the top level runs past the file's end.

    A size of 0 means up to the end, 1 that 64 bits follow: ISO/IEC 14496-12, section 4.2.
    """
    end = file.seek(0, io.SEEK_END)
    position = 0
    for _ in range(_MAX_BOXES):
        file.seek(position)
        header = file.read(_LONG_HEADER)
        size = int.from_bytes(header[:4], "big")
        if size == 1:
            size = int.from_bytes(header[8:], "big")
        if size < _SHORT_HEADER:
            break
        position += size
    return max(0, position - end)
