"""Where a disk store's files stand, and how they get from one place to another; it leaves reading and writing to it.

`incoming/<id>` is being written, under an exclusive flock that dies with its process, or waits to be written further:
who wants it then says so in `wanted/`, and `floors/` tells how much of it counts;
`objects/20261122/21/<id>` is finished, filed by the hour that the id tells; `previews/` and `quarantine/` likewise, the
latter for our eyes alone.
"""

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path

from shared.adapters.disk_locks import is_unlocked
from shared.adapters.disk_sync import DiskSync
from shared.ids import is_id, moment_of

RECENT_FOLDERS = 48
"""How many of the newest hourly folders `unclaimed` looks through: a crash's orphans are in the latest ones."""


class DiskPlaces:
    """The folders under `root`. Every change of a name is synced when its method returns."""

    def __init__(self, root: Path, sync: DiskSync) -> None:
        self._sync = sync
        self.incoming = root / "incoming"
        self.wanted = root / "wanted"
        self.floors = root / "floors"
        self.objects = root / "objects"
        self.quarantine = root / "quarantine"
        self.previews = root / "previews"
        self._durable: set[Path] = set()

    def make(self) -> None:
        """Make the folders."""
        for folder in (self.incoming, self.wanted, self.floors, self.objects, self.previews):
            folder.mkdir(parents=True, exist_ok=True)
        self.quarantine.mkdir(mode=0o700, exist_ok=True)
        self._sync.folder(self.objects.parent)

    def part(self, ingest_id: str) -> Path:
        """Return where an object is written."""
        return self.incoming / ingest_id

    def finished(self, ingest_id: str) -> Path:
        """Return where a finished object stands."""
        return self.objects / _filed(ingest_id)

    def preview(self, ingest_id: str) -> Path:
        """Return where its preview stands."""
        return self.previews / _filed(ingest_id)

    def now(self, ingest_id: str) -> Path:
        """Return where an object stands now: in quarantine, where it is not in its place."""
        path = self.finished(ingest_id)
        return path if path.exists() else self._away(ingest_id)

    def put_away(self, ingest_id: str) -> None:
        """Move an object into quarantine, if it is in its place."""
        self._move(self.finished(ingest_id), self._away(ingest_id), 0o600)

    def bring_back(self, ingest_id: str) -> None:
        """Move an object out of quarantine, if it is there."""
        self._move(self._away(ingest_id), self.finished(ingest_id), 0o640)

    def in_quarantine(self) -> list[str]:
        """Return the ids in quarantine."""
        return [path.name for path in self.quarantine.glob("*/*/*")]

    def remove(self, ingest_id: str) -> None:
        """Remove whatever stands under the id."""
        places = (self.part, self.finished, self._away, self.preview)
        for path in (place(ingest_id) for place in places):
            if path.exists():
                path.unlink(missing_ok=True)
                self._sync.folder(path.parent)

    def make_folder(self, folder: Path) -> None:
        """Make an hour's folder; it counts as there once its name, and its parent's, are synced."""
        if folder not in self._durable or not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            self._sync.folder(folder.parent)
            self._sync.folder(folder.parent.parent)
            self._durable.add(folder)

    def settle(self, path: Path, descriptor: int) -> None:
        """Make an object durable in its place: whoever put it there may have come to an end before."""
        self._sync.file(descriptor)
        self.make_folder(path.parent)
        self._sync.folder(path.parent)

    def unclaimed(self, before: float) -> Iterator[str]:
        """Yield ids of files last written before then (seconds since 1970) that no writer claims, some twice."""
        for folder in (self.incoming, *_recent(self.objects), *_recent(self.previews)):
            yield from _unclaimed_in(folder, before)

    def unfinished(self, before: float) -> Iterator[str]:
        """Yield those of them that are only half written."""
        return _unclaimed_in(self.incoming, before)

    def nowhere(self, ingest_id: str) -> bool:
        """Say whether an object is in neither place; its own twice, for one that moves meanwhile."""
        places = (self.finished, self._away, self.finished)
        return not any(place(ingest_id).exists() for place in places)

    def written(self, before: float) -> Iterator[list[str]]:
        """Yield the ids of each folder's finished objects that were last written before then."""
        for place in (self.objects, self.quarantine):
            for folder in place.glob("*/*/"):
                yield [entry.name for entry in os.scandir(folder) if _last_written(entry) < before]

    def _away(self, ingest_id: str) -> Path:
        return self.quarantine / _filed(ingest_id)

    def _move(self, source: Path, target: Path, mode: int) -> None:
        self.make_folder(target.parent)
        with contextlib.suppress(FileNotFoundError):
            source.chmod(mode)
            source.rename(target)
            self._sync.folder(target.parent)
            self._sync.folder(source.parent)


def _filed(ingest_id: str) -> Path:
    """Return the folder of the id's hour, and its name in there."""
    return Path(f"{moment_of(ingest_id):%Y%m%d/%H}") / ingest_id


def _recent(place: Path) -> list[Path]:
    return sorted(place.glob("*/*"), reverse=True)[:RECENT_FOLDERS]


def _unclaimed_in(folder: Path, before: float) -> Iterator[str]:
    for entry in os.scandir(folder):
        with contextlib.suppress(FileNotFoundError):  # its writer has just moved or removed it
            if is_id(entry.name) and entry.stat().st_mtime < before and is_unlocked(entry.path):
                yield entry.name


def _last_written(entry: os.DirEntry[str]) -> float:
    """Return seconds since 1970; never, where it has just been moved or removed."""
    try:
        return entry.stat().st_mtime
    except FileNotFoundError:
        return math.inf
