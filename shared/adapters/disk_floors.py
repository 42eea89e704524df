"""Up to where the bytes of an unfinished object count; it leaves writing them, and cutting them back, to the appender.

All that reached the file counts, unless a note says less: provisional bytes are written behind one only, `floors/<id>`,
which says up to where all is durable and checked. While its part is there a note is replaced and never removed, and no
two are equal; so who reads it twice, with no lock, knows whether something was provisional meanwhile.
A note is a symbolic link that leads nowhere: it is made, replaced and read in one step, never half.
"""

import os
from pathlib import Path

from shared.adapters.disk_sync import DiskSync
from shared.ids import new_id

ALL = "all"
NEW = ".new"


class DiskFloors:
    """The notes in a folder. Only who holds an object changes its note."""

    def __init__(self, folder: Path, sync: DiskSync) -> None:
        self._folder, self._sync = folder, sync

    def note(self, ingest_id: str, offset: int) -> None:
        """Write, durably, that no byte behind the offset counts. Those before it are durable."""
        self._replace(ingest_id, str(offset))

    def lift(self, ingest_id: str) -> None:
        """Write, durably, that all bytes count. What should not was cut off, durably."""
        self._replace(ingest_id, ALL)

    def of(self, ingest_id: str) -> int | None:
        """Return the offset behind which no byte counts; None where all do."""
        return _floor(self._text(ingest_id))

    def counted(self, part: Path) -> int:
        """Return how many bytes count, and make them durable, whoever writes meanwhile. Raise FileNotFoundError."""
        while True:
            before = self._text(part.name)
            size = self._synced(part)
            after = self._text(part.name)
            part.stat()  # a note goes when its part has gone
            floor = _floor(after)
            if floor is not None:
                return min(floor, size)
            if after == before:
                return size

    def forget(self, ingest_id: str) -> None:
        """Remove the note of a part that is gone."""
        self._path(ingest_id).unlink(missing_ok=True)

    def tidy(self, incoming: Path) -> None:
        """Remove the notes that a crash has left after their parts."""
        for note in self._folder.iterdir():
            if not (incoming / note.name.removesuffix(NEW)).exists():
                note.unlink(missing_ok=True)

    def _synced(self, part: Path) -> int:
        descriptor = os.open(part, os.O_RDONLY | os.O_CLOEXEC)
        try:
            size = os.fstat(descriptor).st_size
            self._sync.file(descriptor)
        finally:
            os.close(descriptor)
        return size

    def _replace(self, ingest_id: str, text: str) -> None:
        new = self._folder / f"{ingest_id}{NEW}"
        new.unlink(missing_ok=True)
        new.symlink_to(f"{text}.{new_id()}")
        new.rename(self._path(ingest_id))
        self._sync.folder(self._folder)

    def _text(self, ingest_id: str) -> str:
        try:
            return str(self._path(ingest_id).readlink())
        except FileNotFoundError:
            return ALL

    def _path(self, ingest_id: str) -> Path:
        return self._folder / ingest_id


def _floor(text: str) -> int | None:
    said, _, _ = text.partition(".")
    return None if said == ALL else int(said)
