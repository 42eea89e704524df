"""Which worker slots live, by a locked file for each; it leaves what follows from an end to the sweeper."""

import logging
import os
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

from shared.adapters.disk_locks import NOBODY, is_unlocked, make_locked
from shared.ids import new_id

log = logging.getLogger(__name__)


class DiskPresence:
    """Presence in a folder that the processes of one machine share."""

    def __init__(self, folder: Path) -> None:
        self.name = new_id()
        self._folder = folder
        self._descriptor = NOBODY

    def enter(self) -> None:
        """See the port."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if self._descriptor == NOBODY:
                self._descriptor = make_locked(self._folder / self.name)
        except OSError as error:
            log.warning("this slot has no file, so its end shows by time alone: %s", error.strerror)

    def leave(self) -> None:
        """See the port."""
        if self._descriptor != NOBODY:
            (self._folder / self.name).unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = NOBODY

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
                yield from (entry.name for entry in entries if is_unlocked(entry.path))
