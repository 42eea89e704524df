"""Object store on a local folder: durable by sync and rename; it leaves knowing which objects count to the catalog."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from shared.adapters.disk_appender import DiskAppender
from shared.adapters.disk_commits import DiskCommits, Written
from shared.adapters.disk_faults import named_faults
from shared.adapters.disk_joining import append_files
from shared.adapters.disk_parts import DiskParts
from shared.adapters.disk_places import DiskPlaces
from shared.adapters.disk_promises import Promises
from shared.adapters.disk_reading import pieces_of
from shared.adapters.disk_room import DiskRoom
from shared.adapters.disk_sync import DiskSync
from shared.adapters.disk_writer import HELD_BYTES, DiskWriter, replace_file
from shared.digest import Hasher
from shared.errors import StorageFull
from shared.group_commit import GroupCommit, Outcome, end_of
from shared.ids import new_id
from shared.ports import Space

T = TypeVar("T")


class DiskStore:
    """ObjectStore under `root`. File work runs in a small pool of its own, so a slow disk starves nobody else."""

    def __init__(self, root: Path, *, min_free_bytes: int = 0, threads: int = 4, durable: bool = True) -> None:
        self._root = root
        self._sync = DiskSync(durable=durable)
        self.places = DiskPlaces(root, self._sync)
        self._commits = DiskCommits(self.places, self._sync)
        self._committing = GroupCommit[Written](self._commit)
        self._min_free_bytes = min_free_bytes
        self._promises = Promises()
        room = DiskRoom(self._promises, lambda: self._space().free)
        self._parts = DiskParts(self.places, self._sync, room, self.run_to_end, self._committing.submit)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="disk")

    def open(self) -> None:
        """Make the folders."""
        with named_faults():
            self.places.make()
            self._parts.open()
            self._sync.open(self._root)

    def close(self) -> None:
        """End the pool after its running work."""
        self._parts.close()
        self._pool.shutdown(cancel_futures=True)
        self._sync.close()

    async def run(self, work: Callable[[], T]) -> T:
        """Run file work in the pool, with its faults named."""
        return await self._submitted(work)

    async def run_to_end(self, work: Callable[[], T]) -> T:
        """Do so, and wait for its end also where the caller is cut off: nothing goes on behind its back."""
        running = self._submitted(work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await end_of(running)
            raise

    def _submitted(self, work: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._pool, _named, work)

    async def create(self, ingest_id: str, hasher: Hasher, *, expected: int | None) -> DiskWriter:
        """See the port."""
        if expected is not None and expected <= HELD_BYTES:
            with named_faults():
                return self._writer(ingest_id, hasher, expected)
        return await self.run(lambda: self._begun(ingest_id, hasher, expected or 0))

    async def begin(self, ingest_id: str, *, length: int | None) -> DiskAppender:
        """See the port."""
        return await self._parts.begin(ingest_id, length or 0)

    async def resume(
        self, ingest_id: str, hasher: Hasher, *, provisional: bool = False, patience: float = 2.0
    ) -> DiskAppender:
        """See the port."""
        return await self._parts.resume(ingest_id, hasher, provisional=provisional, patience=patience)

    async def offset(self, ingest_id: str) -> int:
        """See the port."""
        return await self._parts.offset(ingest_id)

    async def join(self, ingest_id: str, parts: Sequence[str]) -> DiskWriter:
        """See the port."""
        sources = [(self.places.part(part), await self.offset(part)) for part in parts]
        length = sum(size for _, size in sources)
        writer = await self.run(lambda: self._begun(ingest_id, Hasher(), length))
        try:
            await append_files(writer, sources, self.run_to_end)
        except BaseException:
            await writer.discard()
            raise
        return writer

    async def size(self, ingest_id: str) -> int:
        """See the port."""
        return (await self.run(lambda: self.places.now(ingest_id).stat())).st_size

    async def read(self, ingest_id: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """See the port."""
        file = await self.run(lambda: self.places.now(ingest_id).open("rb", buffering=0))
        with file:
            async for piece in pieces_of(file.fileno(), start, stop, self.run):
                yield piece

    @asynccontextmanager
    async def local_path(self, ingest_id: str) -> AsyncIterator[Path]:
        """See the port."""
        await self.size(ingest_id)
        yield self.places.now(ingest_id)

    async def delete(self, ingest_id: str) -> None:
        """See the port."""
        await self.run(lambda: self._remove(ingest_id))

    async def put_away(self, ingest_id: str) -> None:
        """See the port."""
        await self.run(lambda: self.places.put_away(ingest_id))

    async def bring_back(self, ingest_id: str) -> None:
        """See the port."""
        await self.run(lambda: self.places.bring_back(ingest_id))

    async def in_quarantine(self) -> AsyncIterator[str]:
        """See the port."""
        for ingest_id in await self.run(self.places.in_quarantine):
            yield ingest_id

    async def put_preview(self, ingest_id: str, content: bytes) -> None:
        """See the port."""
        await self.run(lambda: self._put_preview(ingest_id, content))

    async def preview(self, ingest_id: str) -> bytes:
        """See the port."""
        return await self.run(self.places.preview(ingest_id).read_bytes)

    async def abandoned(self, before: datetime) -> AsyncIterator[str]:
        """See the port."""
        for ingest_id in await self.run(lambda: set(self.places.unclaimed(before.timestamp()))):
            yield ingest_id

    async def finished(self, before: datetime) -> AsyncIterator[str]:
        """See the port."""
        folders = self.places.written(before.timestamp())
        while (names := await self.run(lambda: next(folders, None))) is not None:
            for ingest_id in names:
                yield ingest_id

    async def unfinished(self, before: datetime) -> AsyncIterator[str]:
        """See the port."""
        for ingest_id in await self.run(lambda: set(self.places.unfinished(before.timestamp()))):
            yield ingest_id

    async def missing(self, ingest_ids: Sequence[str]) -> set[str]:
        """See the port."""
        return await self.run(lambda: {ingest_id for ingest_id in ingest_ids if self.places.nowhere(ingest_id)})

    async def space(self) -> Space:
        """See the port."""
        return await self.run(self._space)

    def uri(self, ingest_id: str) -> str:
        """See the port."""
        return self.places.finished(ingest_id).resolve().as_uri()

    async def _commit(self, writers: Sequence[Written]) -> list[Outcome]:
        return await self.run(lambda: self._commits.commit(writers))

    def _remove(self, ingest_id: str) -> None:
        self.places.remove(ingest_id)
        self._parts.forget(ingest_id)

    def _put_preview(self, ingest_id: str, content: bytes) -> None:
        """By way of a new id's part: no row keeps that, so what a crash leaves of it is removed as abandoned."""
        if self._space().free < len(content):
            raise StorageFull("There is no room for a preview.")
        path = self.places.preview(ingest_id)
        self.places.make_folder(path.parent)
        replace_file(self.places.part(new_id()), path, content, self._sync)

    def _begun(self, ingest_id: str, hasher: Hasher, expected: int) -> DiskWriter:
        writer = self._writer(ingest_id, hasher, expected)
        try:
            writer.begin()
        except OSError:
            writer.promise.end()
            raise
        return writer

    def _writer(self, ingest_id: str, hasher: Hasher, expected: int) -> DiskWriter:
        """Return a writer whose file isn't begun. The room is asked for where we are: it is a number in memory."""
        promise = self._promises.take(expected, lambda: self._space().free)
        part, finished = self.places.part(ingest_id), self.places.finished(ingest_id)
        commit = self._committing.submit
        return DiskWriter(self.run, commit, self._sync, part, finished, lambda: _create(part), hasher, promise)

    def _space(self) -> Space:
        usage = shutil.disk_usage(self.places.incoming)
        return Space(free=max(0, usage.free - self._min_free_bytes), total=usage.total)


def _create(part: Path) -> int:
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _named(work: Callable[[], T]) -> T:
    with named_faults():
        return work()
