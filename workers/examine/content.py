"""A file's bytes in bounded parts, for those who identify it and look for dangers; it leaves their meaning to them."""

import io
from dataclasses import dataclass
from typing import BinaryIO, Self

HEAD_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Content:
    """An open file with its first bytes and its size."""

    file: BinaryIO
    head: bytes
    size: int

    @classmethod
    def of(cls, file: BinaryIO) -> Self:
        """Read the head."""
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        return cls(file, file.read(HEAD_BYTES), size)

    def read(self, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start`, fewer at the end and none outside: places come from the file."""
        if not 0 <= start < self.size:
            return b""
        self.file.seek(start)
        return self.file.read(length)

    def tail(self, length: int) -> bytes:
        """Return the last bytes, all where there are fewer."""
        return self.read(max(0, self.size - length), length)

    @property
    def whole(self) -> bool:
        """Whether the head is all there is."""
        return self.size <= len(self.head)
