"""Gathering: pieces counted, limited, sniffed and put into batches; it leaves reading and writing to intake."""

import os
from weakref import WeakSet

from shared.errors import EmptyFile
from shared.policy import SNIFF_BYTES, Policy

BATCH_BYTES = 1024 * 1024
"""What is gathered before one write: fewer, larger batches keep the hand-over to the pool cheap."""
LEAST_BATCH_BYTES = 256 * 1024
ROOM_BYTES = 48 * 1024 * 1024
"""Memory for the batches of all files together: each has one that is gathered and one that is written."""
MOST_PIECES = os.sysconf("SC_IOV_MAX")
"""A sender of tiny pieces would take many times their bytes in memory; so many go out in one write."""


class Gathering:
    """The pieces of one file on their way into batches, never copied.

    Where `stored` bytes of the file are there already, `head` is what they begin with, SNIFF_BYTES at most.
    """

    def __init__(self, policy: Policy, stored: int = 0, head: bytes = b"", *, sniffs: bool = True) -> None:
        self._policy, self._head = policy, head
        self._pieces: list[bytes] = []
        self._gathered, self.total = 0, stored
        self._sniffed = not sniffs or stored >= SNIFF_BYTES
        _under_way.add(self)

    def take(self, piece: bytes) -> bool:
        """Take the next piece; return whether a batch is full. Raise TooLarge or MediaTypeNotAllowed at once."""
        if piece:
            self._pieces.append(piece)
        self._gathered += len(piece)
        self.total += len(piece)
        self._policy.check_size(self.total)
        if not self._sniffed and self.total >= SNIFF_BYTES:
            self._sniff()
        return self._gathered >= batch_bytes() or len(self._pieces) >= MOST_PIECES

    @property
    def waits(self) -> bool:
        """Whether anything is gathered."""
        return bool(self._pieces)

    def batch(self) -> list[bytes]:
        """Give what is gathered away."""
        if not self._sniffed:
            self._head += b"".join(self._pieces)
        batch, self._pieces, self._gathered = self._pieces, [], 0
        return batch

    def end(self) -> list[bytes]:
        """Give the last batch away; it may be empty. Raise EmptyFile, or MediaTypeNotAllowed for a short file."""
        if not self.total:
            raise EmptyFile
        if not self._sniffed:
            self._sniff()
        return self.batch()

    def _sniff(self) -> None:
        self._policy.check_head((self._head + b"".join(self._pieces))[:SNIFF_BYTES])
        self._sniffed = True


_under_way: WeakSet[Gathering] = WeakSet()


def batch_bytes() -> int:
    """Return how much one file gathers before a write: less, the more files come at the same time.

    It is a power of two, so that it seldom changes and buffers of that size can be used again.
    """
    share = ROOM_BYTES // (2 * max(1, len(_under_way)))
    return max(LEAST_BATCH_BYTES, min(BATCH_BYTES, 1 << share.bit_length() - 1))
