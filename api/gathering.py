"""Gathering: pieces counted, limited, sniffed and put into batches; it leaves reading and writing to intake."""

from shared.errors import EmptyFile
from shared.policy import SNIFF_BYTES, Policy

BATCH_BYTES = 1024 * 1024
"""What is gathered before one write: fewer, larger batches keep the hand-over to the pool cheap."""


class Gathering:
    """The pieces of one file on their way into batches, never copied."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._pieces: list[bytes] = []
        self._gathered = self._total = 0
        self._sniffed = False

    def take(self, piece: bytes) -> bool:
        """Take the next piece; return whether a batch is full. Raise TooLarge or MediaTypeNotAllowed at once."""
        self._pieces.append(piece)
        self._gathered += len(piece)
        self._total += len(piece)
        self._policy.check_size(self._total)
        if not self._sniffed and self._total >= SNIFF_BYTES:
            self._sniff()
        return self._gathered >= BATCH_BYTES

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
