"""Which worker slots live, by a locked file for each; it leaves what follows from an end to the sweeper.

The kernel drops an flock with the last process that has the file open, so an end needs no heartbeat to be seen.
"""

import contextlib
import fcntl
import os
from collections.abc import Collection
from pathlib import Path

from shared.ids import new_id


class DiskPresence:
    """Presence in a folder that the processes of one machine share."""

    def __init__(self, folder: Path) -> None:
        self.name = new_id()
        self._folder = folder
        self._descriptor = -1

    def enter(self) -> None:
        """See the port."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self._folder / self.name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def leave(self) -> None:
        """See the port."""
        if self._descriptor >= 0:
            (self._folder / self.name).unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1

    def gone(self, holders: Collection[str]) -> set[str]:
        """See the port."""
        return {holder for holder in holders if _unlocked(self._folder / holder)}

    def forget(self, holders: Collection[str]) -> None:
        """See the port."""
        for holder in holders:
            (self._folder / holder).unlink(missing_ok=True)


def _unlocked(path: Path) -> bool:
    with contextlib.suppress(FileNotFoundError, BlockingIOError):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        finally:
            os.close(descriptor)
        return True
    return False
