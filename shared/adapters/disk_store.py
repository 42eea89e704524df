"""Object store on a local folder: durable by sync and rename; it leaves knowing which objects count to the catalog.

`incoming/<id>` is being written, under an exclusive flock that dies with its process;
`objects/20261122/21/<id>` is finished, filed by the hour that the id tells.
"""

import asyncio
import fcntl
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from shared.adapters.disk_faults import named_faults
from shared.digest import Hasher
from shared.errors import StorageFull
from shared.ids import moment_of
from shared.ports import Space

READ_BYTES = 1024 * 1024
IOV_MAX = os.sysconf("SC_IOV_MAX")
RECENT_FOLDERS = 48
"""How many hours' folders `abandoned` looks through: a crash's orphans are found long before they are older."""

T = TypeVar("T")


class DiskStore:
    """ObjectStore under `root`. File work runs in a small pool of its own, so a slow disk starves nobody else."""

    def __init__(self, root: Path, *, min_free_bytes: int = 0, threads: int = 4) -> None:
        self.incoming = root / "incoming"
        self.objects = root / "objects"
        self._min_free_bytes = min_free_bytes
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="disk")

    def open(self) -> None:
        """Make the folders."""
        with named_faults():
            self.incoming.mkdir(parents=True, exist_ok=True)
            self.objects.mkdir(exist_ok=True)

    def close(self) -> None:
        """End the pool after its running work."""
        self._pool.shutdown(cancel_futures=True)

    async def run(self, work: Callable[[], T]) -> T:
        """Run file work in the pool, with its faults named."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _named, work)

    async def create(self, ingest_id: str, hasher: Hasher, *, expected: int | None) -> "DiskWriter":
        """See the port."""
        return await self.run(lambda: self._create(ingest_id, hasher, expected or 0))

    async def size(self, ingest_id: str) -> int:
        """See the port."""
        return (await self.run(self.path(ingest_id).stat)).st_size

    async def read(self, ingest_id: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """See the port."""
        file = await self.run(lambda: _open_at(self.path(ingest_id), start))
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
        yield self.path(ingest_id)

    async def delete(self, ingest_id: str) -> None:
        """See the port."""
        await self.run(lambda: self._delete(ingest_id))

    async def abandoned(self, before: datetime) -> AsyncIterator[str]:
        """See the port."""
        for ingest_id in await self.run(lambda: list(self._unclaimed(before.timestamp()))):
            yield ingest_id

    async def space(self) -> Space:
        """See the port."""
        return await self.run(self._space)

    def uri(self, ingest_id: str) -> str:
        """See the port."""
        return self.path(ingest_id).resolve().as_uri()

    def path(self, ingest_id: str) -> Path:
        """Return where a finished object stands."""
        return self.objects / f"{moment_of(ingest_id):%Y%m%d/%H}" / ingest_id

    def _create(self, ingest_id: str, hasher: Hasher, expected: int) -> "DiskWriter":
        if self._space().free < expected:
            raise StorageFull(f"There is no room for {expected} bytes.")
        part = self.incoming / ingest_id
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return DiskWriter(self, part, self.path(ingest_id), descriptor, hasher)

    def _delete(self, ingest_id: str) -> None:
        for path in (self.incoming / ingest_id, self.path(ingest_id)):
            if path.exists():
                path.unlink(missing_ok=True)
                sync_folder(path.parent)

    def _unclaimed(self, before: float) -> Iterator[str]:
        hours = sorted(self.objects.glob("*/*"), reverse=True)[:RECENT_FOLDERS]
        for folder in (self.incoming, *hours):
            for entry in os.scandir(folder):
                if entry.stat().st_mtime < before and not _claimed(entry.path):
                    yield entry.name

    def _space(self) -> Space:
        usage = shutil.disk_usage(self.incoming)
        return Space(free=max(0, usage.free - self._min_free_bytes), total=usage.total)


class DiskWriter:
    """ObjectWriter of one file; one call at a time."""

    def __init__(self, store: DiskStore, part: Path, path: Path, descriptor: int, hasher: Hasher) -> None:
        self._store, self._part, self._path = store, part, path
        self._descriptor, self._hasher = descriptor, hasher

    async def write(self, pieces: Sequence[bytes]) -> None:
        """See the port."""
        await self._store.run(lambda: self._write(pieces))

    async def commit(self) -> None:
        """See the port."""
        await self._store.run(self._commit)

    async def discard(self) -> None:
        """See the port."""
        await self._store.run(self._discard)

    async def release(self) -> None:
        """See the port."""
        self._release()

    def _write(self, pieces: Sequence[bytes]) -> None:
        self._hasher.update(pieces)
        write_all(self._descriptor, pieces)

    def _commit(self) -> None:
        os.fdatasync(self._descriptor)
        make_folder(self._path.parent, self._store.objects)
        self._part.rename(self._path)
        sync_folder(self._path.parent)

    def _discard(self) -> None:
        for path in (self._part, self._path):
            path.unlink(missing_ok=True)
        self._release()

    def _release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def write_all(descriptor: int, pieces: Sequence[bytes]) -> None:
    """Write all of the pieces: a single call takes at most IOV_MAX of them, and less near a full disk."""
    pending = [memoryview(piece) for piece in pieces if piece]
    while pending:
        written = os.writev(descriptor, pending[:IOV_MAX])
        while pending and written >= len(pending[0]):
            written -= len(pending.pop(0))
        if written:
            pending[0] = pending[0][written:]


def make_folder(folder: Path, root: Path) -> None:
    """Make a folder below `root` durably: each new name is synced in its parent."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for parent in (folder.parent, root):
        sync_folder(parent)


def sync_folder(folder: Path) -> None:
    """Make the names in the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
