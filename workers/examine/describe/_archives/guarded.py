"""Files for parsers that read what an attacker's header says: a bounded one, and one unpacked as it is read."""

import io
from collections.abc import Iterator
from typing import BinaryIO

from workers.examine.describe import Unreadable
from workers.examine.describe._archives.limits import bomb


class Guarded(io.IOBase):
    """A file of which no more than `allowance` bytes are read; more of a header is refused as a bomb."""

    def __init__(self, file: "BinaryIO | Forward", allowance: int) -> None:
        self.file = file
        self.allowance = allowance
        self.last = b""
        """What was read last."""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; raise Refused where they are more than allowed."""
        if size < 0 or size > self.allowance:
            size = self.allowance + 1
        self.last = self.file.read(size)
        self.allowance -= len(self.last)
        if self.allowance < 0:
            raise bomb("Its headers are larger than their limit.")
        return self.last

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move as the file does."""
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self.file.tell()

    def seekable(self) -> bool:
        """Tell that it can be moved."""
        return True

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True


class Forward:
    """A file of pieces that come one after the other; it moves forwards only."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = memoryview(b"")
        self._position = 0

    def read(self, size: int) -> bytes:
        """Return the next bytes, fewer at the end."""
        parts = []
        while size and (part := self._next(size)):
            parts.append(bytes(part))
            size -= len(part)
        return b"".join(parts)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go on to a place further on, or to the end where it lies beyond; raise Unreadable for any before."""
        left = offset - self._position
        if left < 0 or whence != io.SEEK_SET:
            raise Unreadable("An entry lies before the one that it follows.")
        while left and (part := self._next(left)):
            left -= len(part)
        return self._position

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._position

    def _next(self, most: int) -> memoryview:
        while not self._piece and (piece := next(self._pieces, None)) is not None:
            self._piece = memoryview(piece)
        part, self._piece = self._piece[:most], self._piece[most:]
        self._position += len(part)
        return part
