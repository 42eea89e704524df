"""Which worker slots live, by a locked file for each; it leaves what follows from an end to the sweeper.

The kernel drops an flock with the last process that has the file open, so an end needs no heartbeat to be seen. The
descriptor is closed on exec, so what a slot starts does not keep its lock.
"""

import fcntl
import logging
import os
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

from shared.ids import new_id

log = logging.getLogger(__name__)


class DiskPresence:
    """Presence in a folder that the processes of one machine share."""

    def __init__(self, folder: Path) -> None:
        self.name = new_id()
        self._folder = folder
        self._descriptor = -1

    def enter(self) -> None:
        """See the port."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            while self._descriptor < 0:
                self._descriptor = _locked(self._folder / self.name)
        except OSError as error:
            log.warning("this slot has no file, so its end shows by time alone: %s", error.strerror)

    def leave(self) -> None:
        """See the port."""
        if self._descriptor >= 0:
            (self._folder / self.name).unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1

    def gone(self, limit: int) -> set[str]:
        """See the port."""
        return set(islice(self._unlocked(), limit))

    def forget(self, slots: Collection[str]) -> None:
        """See the port."""
        for slot in slots:
            (self._folder / slot).unlink(missing_ok=True)

    def _unlocked(self) -> Iterator[str]:
        if self._folder.exists():
            with os.scandir(self._folder) as entries:
                yield from (entry.name for entry in entries if _is_unlocked(entry.path))


def _locked(path: Path) -> int:
    """Return a descriptor that locks the path; -1 where it was forgotten just before it was locked."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    if os.fstat(descriptor).st_nlink:
        return descriptor
    os.close(descriptor)
    return -1


def _is_unlocked(path: str) -> bool:
    """Say whether nobody locks the file: a shared lock, so that two who look at once don't take each other for it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
