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

    def gone(self, holders: Collection[str]) -> set[str]:
        """See the port."""
        return self.ended & set(holders)

    def forget(self, holders: Collection[str]) -> None:
        """See the port."""
        self.ended -= set(holders)
