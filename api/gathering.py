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
    """The pieces of one file on their way into batches, never copied."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._pieces: list[bytes] = []
        self._gathered = self._total = 0
        self._sniffed = False
        _under_way.add(self)

    def take(self, piece: bytes) -> bool:
        """Take the next piece; return whether a batch is full. Raise TooLarge or MediaTypeNotAllowed at once."""
        if piece:
            self._pieces.append(piece)
        self._gathered += len(piece)
        self._total += len(piece)
        self._policy.check_size(self._total)
        if not self._sniffed and self._total >= SNIFF_BYTES:
            self._sniff()
        return self._gathered >= batch_bytes() or len(self._pieces) >= MOST_PIECES

    def batch(self) -> list[bytes]:
        """Give what is gathered away."""
        batch, self._pieces, self._gathered = self._pieces, [], 0
        return batch

    def end(self) -> list[bytes]:
        """Give the last batch away; it may be empty. Raise EmptyFile, or MediaTypeNotAllowed for a short file."""
        if not self._total:
            raise EmptyFile
        if not self._sniffed:
            self._sniff()
        return self.batch()

    def _sniff(self) -> None:
        self._policy.check_head(b"".join(self._pieces)[:SNIFF_BYTES])
        self._sniffed = True


_under_way: WeakSet[Gathering] = WeakSet()


def batch_bytes() -> int:
    """Return how much one file gathers before a write: less, the more files come at the same time.

    It is a power of two, so that it seldom changes and buffers of that size can be used again.
    """
    share = ROOM_BYTES // (2 * max(1, len(_under_way)))
    return max(LEAST_BATCH_BYTES, min(BATCH_BYTES, 1 << share.bit_length() - 1))
