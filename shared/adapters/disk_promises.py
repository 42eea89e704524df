"""Room on the disk that is spoken for: what uploads in flight have declared; it leaves measuring to the disk store."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from shared.errors import StorageFull


@dataclass
class Promises:
    """What this process has promised to its unfinished files, in bytes. Used from several threads."""

    promised: int = field(default=0, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def take(self, expected: int, free: Callable[[], int]) -> "Promise":
        """Promise room for a file. Raise StorageFull where it is not there beside what others were promised."""
        with self._lock:
            if free() - self.promised < expected:
                raise StorageFull(f"There is no room for {expected or 'more'} bytes.")
            self.promised += expected
        return Promise(self, expected)

    def add(self, promised: int) -> None:
        """Promise what was taken from a file that had it: that is there for it again."""
        with self._lock:
            self.promised += promised

    def none(self) -> "Promise":
        """Return a promise of nothing."""
        return Promise(self, 0)

    def give_back(self, promised: int) -> None:
        """Take back a promise, or a part of it."""
        with self._lock:
            self.promised -= promised


@dataclass
class Promise:
    """What one file may still take; it ends with the file, and shrinks with every byte that the disk has counted."""

    of: Promises
    left: int

    def used(self, written: int) -> None:
        """Note bytes that are on the disk now."""
        part = min(written, self.left)
        self.left -= part
        self.of.give_back(part)

    def again(self, cut: int) -> None:
        """Promise room for bytes that were on the disk and are being cut off."""
        self.left += cut
        self.of.add(cut)

    def end(self) -> None:
        """Give the rest back. May be called twice."""
        self.used(self.left)
