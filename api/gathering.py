"""Gathering: pieces counted, limited, sniffed and put into batches; it leaves reading and writing to intake."""

from shared.errors import EmptyFile
from shared.policy import SNIFF_BYTES, Policy

BATCH_BYTES = 1024 * 1024
"""What is gathered before one write: fewer, larger batches keep the hand-over to the pool cheap."""


class Gathering:
    """The pieces of one file on their way into batches, never copied.

    Where `stored` bytes of the file are there already, `head` is what they begin with, SNIFF_BYTES at most.
    """

    def __init__(self, policy: Policy, stored: int = 0, head: bytes = b"", *, sniffs: bool = True) -> None:
        self._policy, self._head = policy, head
        self._pieces: list[bytes] = []
        self._gathered, self.total = 0, stored
        self._sniffed = not sniffs or stored >= SNIFF_BYTES

    def take(self, piece: bytes) -> bool:
        """Take the next piece; return whether a batch is full. Raise TooLarge or MediaTypeNotAllowed at once."""
        self._pieces.append(piece)
        self._gathered += len(piece)
        self.total += len(piece)
        self._policy.check_size(self.total)
        if not self._sniffed and self.total >= SNIFF_BYTES:
            self._sniff()
        return self._gathered >= BATCH_BYTES

    def batch(self) -> list[bytes]:
        """Give what is gathered away."""
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
