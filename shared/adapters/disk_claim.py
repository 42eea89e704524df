"""One who holds an unfinished object, or wants to: its locks; it leaves whose turn it is to `disk_claims`."""

import asyncio
import fcntl
import os
from dataclasses import dataclass, field
from pathlib import Path

from shared.adapters.disk_locks import NOBODY, lock, make_locked


@dataclass(eq=False)
class DiskClaim:
    """A claim on an object, by a lock on its part once it is held."""

    part: Path
    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a newer one comes: who holds it lets go then, and who waits goes away."""
    descriptor: int = NOBODY
    older: set[Path] = field(default_factory=set)
    """The requests that were there before this one came."""

    def take(self) -> bool:
        """Lock the part, where nobody else does; return whether we have it. Raise FileNotFoundError."""
        self.descriptor = lock(self.part)
        return self.descriptor != NOBODY

    def make(self) -> None:
        """Make the part and lock it. Raise FileExistsError."""
        self.descriptor = os.open(self.part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)

    def end(self) -> None:
        """Let go of it. May be called twice."""
        if self.descriptor != NOBODY:
            os.close(self.descriptor)
            self.descriptor = NOBODY

    def is_outdone(self, requests: list[Path]) -> bool:
        """Say whether a newer one is among those who want an object."""
        return any(each.stem == self.part.name and each not in self.older for each in requests)


@dataclass(eq=False)
class DiskRequest:
    """The locked file that tells others of one who waits."""

    path: Path
    descriptor: int = NOBODY

    def make(self) -> None:
        """Make and lock it."""
        self.descriptor = make_locked(self.path)

    def remove(self) -> None:
        """Remove it, if it was made."""
        self.path.unlink(missing_ok=True)
        if self.descriptor != NOBODY:
            os.close(self.descriptor)
