"""Puts written objects in their place and makes them durable, many at once; it leaves writing them to the writers.

A name may come before its bytes are durable: until all are, nobody was told, and no row names the object.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from shared.adapters.disk_faults import named_faults
from shared.adapters.disk_places import DiskPlaces
from shared.adapters.disk_sync import DiskSync
from shared.group_commit import Outcome

Subject = TypeVar("Subject")


class Written(Protocol):
    """A part that is ready to stand in its place."""

    part: Path
    path: Path
    unsynced: int
    """Bytes of it that may not be durable yet."""

    def begin(self) -> None:
        """Write the part, where it is still held in memory."""
        ...

    def sync_bytes(self) -> None:
        """Make them durable."""
        ...


class DiskCommits:
    """The work of a group commit. After a sync that failed, nothing that it was for counts as committed."""

    def __init__(self, places: DiskPlaces, sync: DiskSync) -> None:
        self._places, self._sync = places, sync

    def commit(self, writers: Sequence[Written]) -> list[Outcome]:
        """Return the outcome of each; raise the fault of all."""
        if self._sync.is_quick(sum(writer.unsynced for writer in writers)):
            outcomes = [_outcome(self._move, writer) for writer in writers]
            self._sync.all()
            return outcomes
        return self._one_by_one(writers)

    def _one_by_one(self, writers: Sequence[Written]) -> list[Outcome]:
        """Sync each file, but each folder once."""
        outcomes = [_outcome(self._sync_and_move, writer) for writer in writers]
        moved = zip(writers, outcomes, strict=True)
        folders = {writer.path.parent for writer, outcome in moved if outcome is None}
        faults = {folder: _outcome(self._sync.folder, folder) for folder in folders}
        found = zip(writers, outcomes, strict=True)
        return [outcome or faults[writer.path.parent] for writer, outcome in found]

    def _sync_and_move(self, writer: Written) -> None:
        writer.sync_bytes()
        self._move(writer)

    def _move(self, writer: Written) -> None:
        writer.begin()
        self._places.make_folder(writer.path.parent)
        writer.part.rename(writer.path)


def _outcome(step: Callable[[Subject], None], subject: Subject) -> Outcome:
    try:
        with named_faults():
            step(subject)
    except Exception as fault:  # noqa: BLE001  (the caller of the group commit raises it)
        return fault
    return None
