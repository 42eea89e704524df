"""Object store on a local folder: durable by sync and rename; it leaves knowing which objects count to the catalog.

`incoming/<id>` is being written, under an exclusive flock that dies with its process;
`objects/20261122/21/<id>` is finished, filed by the hour that the id tells; `previews/` and `quarantine/` likewise, the
latter for our eyes alone.
"""

import asyncio
import contextlib
import fcntl
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from shared.adapters.disk_faults import named_faults
from shared.adapters.disk_writer import DiskWriter, replace_file, sync_folder
from shared.digest import Hasher
from shared.errors import StorageFull
from shared.ids import moment_of, new_id
from shared.ports import Space

READ_BYTES = 1024 * 1024
RECENT_FOLDERS = 48
"""How many of the newest hourly folders `abandoned` looks through: a crash's orphans are in the latest ones."""

T = TypeVar("T")


class DiskStore:
    """ObjectStore under `root`. File work runs in a small pool of its own, so a slow disk starves nobody else."""

    def __init__(self, root: Path, *, min_free_bytes: int = 0, threads: int = 4) -> None:
        self.incoming = root / "incoming"
        self.objects = root / "objects"
        self.quarantine = root / "quarantine"
        self.previews = root / "previews"
        self._min_free_bytes = min_free_bytes
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="disk")
        self._durable_folders: set[Path] = set()

    def open(self) -> None:
        """Make the folders."""
        with named_faults():
            for folder in (self.incoming, self.objects, self.previews):
                folder.mkdir(parents=True, exist_ok=True)
            self.quarantine.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self.objects.parent)

    def close(self) -> None:
        """End the pool after its running work."""
        self._pool.shutdown(cancel_futures=True)

    async def run(self, work: Callable[[], T]) -> T:
        """Run file work in the pool, with its faults named."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _named, work)

    async def create(self, ingest_id: str, hasher: Hasher, *, expected: int | None) -> DiskWriter:
        """See the port."""
        return await self.run(lambda: self._create(ingest_id, hasher, expected or 0))

    async def size(self, ingest_id: str) -> int:
        """See the port."""
        return (await self.run(lambda: self._found(ingest_id).stat())).st_size

    async def read(self, ingest_id: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """See the port."""
        file = await self.run(lambda: _open_at(self._found(ingest_id), start))
        with file:
            while start < stop:
                wanted = min(READ_BYTES, stop - start)
                piece = await self.run(lambda wanted=wanted: file.read(wanted))  # type: ignore[misc]
                if not piece:
                    return
                start += len(piece)
                yield piece

    @asynccontextmanager
    async def local_path(self, ingest_id: str) -> AsyncIterator[Path]:
        """See the port."""
        await self.size(ingest_id)
        yield self._found(ingest_id)

    async def delete(self, ingest_id: str) -> None:
        """See the port."""
        await self.run(lambda: self._delete(ingest_id))

    async def put_away(self, ingest_id: str) -> None:
        """See the port."""
        await self.run(lambda: self._move(self.path(ingest_id), self._away(ingest_id), 0o600))

    async def bring_back(self, ingest_id: str) -> None:
        """See the port."""
        await self.run(lambda: self._move(self._away(ingest_id), self.path(ingest_id), 0o640))

    async def in_quarantine(self) -> AsyncIterator[str]:
        """See the port."""
        for path in await self.run(lambda: list(self.quarantine.glob("*/*/*"))):
            yield path.name

    async def put_preview(self, ingest_id: str, content: bytes) -> None:
        """See the port."""
        await self.run(lambda: self._put_preview(ingest_id, content))

    async def preview(self, ingest_id: str) -> bytes:
        """See the port."""
        return await self.run(self._preview_path(ingest_id).read_bytes)

    async def abandoned(self, before: datetime) -> AsyncIterator[str]:
        """See the port."""
        for ingest_id in await self.run(lambda: set(self._unclaimed(before.timestamp()))):
            yield ingest_id

    async def space(self) -> Space:
        """See the port."""
        return await self.run(self._space)

    def uri(self, ingest_id: str) -> str:
        """See the port."""
        return self.path(ingest_id).resolve().as_uri()

    def path(self, ingest_id: str) -> Path:
        """Return where a finished object stands."""
        return self.objects / _filed(ingest_id)

    def _away(self, ingest_id: str) -> Path:
        return self.quarantine / _filed(ingest_id)

    def _found(self, ingest_id: str) -> Path:
        """Return where the object stands now: in quarantine, where it is not in its place."""
        path = self.path(ingest_id)
        return path if path.exists() else self._away(ingest_id)

    def _move(self, source: Path, target: Path, mode: int) -> None:
        self._make_folder(target.parent)
        with contextlib.suppress(FileNotFoundError):
            source.chmod(mode)
            source.rename(target)
            sync_folder(target.parent)
            sync_folder(source.parent)

    def _preview_path(self, ingest_id: str) -> Path:
        return self.previews / _filed(ingest_id)

    def _put_preview(self, ingest_id: str, content: bytes) -> None:
        """By way of a new id's part: no row keeps that, so what a crash leaves of it is removed as abandoned."""
        if self._space().free < len(content):
            raise StorageFull("There is no room for a preview.")
        path = self._preview_path(ingest_id)
        self._make_folder(path.parent)
        replace_file(self.incoming / new_id(), path, content)

    def _create(self, ingest_id: str, hasher: Hasher, expected: int) -> DiskWriter:
        if self._space().free < expected:
            raise StorageFull(f"There is no room for {expected} bytes.")
        part = self.incoming / ingest_id
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return DiskWriter(self.run, self._make_folder, part, self.path(ingest_id), descriptor, hasher)

    def _make_folder(self, folder: Path) -> None:
        """Make an hour's folder; it counts as there once its name, and its parent's, are synced."""
        folder.mkdir(parents=True, exist_ok=True)
        if folder not in self._durable_folders:
            sync_folder(folder.parent)
            sync_folder(folder.parent.parent)
            self._durable_folders.add(folder)

    def _delete(self, ingest_id: str) -> None:
        places = (self.path, self._away, self._preview_path)
        for path in (self.incoming / ingest_id, *(place(ingest_id) for place in places)):
            if path.exists():
                path.unlink(missing_ok=True)
                sync_folder(path.parent)

    def _unclaimed(self, before: float) -> Iterator[str]:
        for folder in (self.incoming, *_recent(self.objects), *_recent(self.previews)):
            for entry in os.scandir(folder):
                if entry.stat().st_mtime < before and not _claimed(entry.path):
                    yield entry.name

    def _space(self) -> Space:
        usage = shutil.disk_usage(self.incoming)
        return Space(free=max(0, usage.free - self._min_free_bytes), total=usage.total)


def _filed(ingest_id: str) -> Path:
    """Return the folder of the id's hour, and its name in there."""
    return Path(f"{moment_of(ingest_id):%Y%m%d/%H}") / ingest_id


def _recent(place: Path) -> list[Path]:
    return sorted(place.glob("*/*"), reverse=True)[:RECENT_FOLDERS]


def _named(work: Callable[[], T]) -> T:
    with named_faults():
        return work()


def _open_at(path: Path, start: int) -> BinaryIO:
    file = path.open("rb", buffering=0)
    file.seek(start)
    return file


def _claimed(path: str) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return True  # its writer has just moved or removed it
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
