"""Presence in memory, for tests of logic: a slot is gone when the test says so."""

from collections.abc import Collection


class MemoryPresence:
    """Presence whose dead are those in `ended`."""

    def __init__(self, name: str = "me") -> None:
        self.name = name
        self.ended: set[str] = set()

    def enter(self) -> None:
        """See the port."""

    def leave(self) -> None:
        """See the port."""

    def gone(self, limit: int) -> set[str]:
        """See the port."""
        return set(sorted(self.ended)[:limit])

    def forget(self, slots: Collection[str]) -> None:
        """See the port."""
        self.ended -= set(slots)
