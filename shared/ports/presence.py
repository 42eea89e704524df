"""Presence: which workers live. It leaves what becomes of the work of the others to the sweeper."""

from collections.abc import Collection
from typing import Protocol


class Presence(Protocol):
    """Which worker slots live, as the kernel knows it: a slot that was killed is gone at once, without any time-out."""

    name: str
    """Our own slot, as `Ingest.holder` names it."""

    def enter(self) -> None:
        """Be there, until `leave` or the end of this process, however that comes.

        Where that cannot be, say so in the log: the slot stays unknown, and its leases end by time.
        """
        ...

    def leave(self) -> None:
        """Be there no more, in order. May be called twice, and without `enter`."""
        ...

    def gone(self, limit: int) -> set[str]:
        """Return at most so many slots that surely ended without leaving in order.

        One that may work elsewhere is not among them: its lease ends by time.
        """
        ...

    def forget(self, slots: Collection[str]) -> None:
        """Forget slots that are gone, once no ingest names them. No error for one that is forgotten already."""
        ...
