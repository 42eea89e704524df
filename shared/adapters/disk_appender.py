"""Writes an unfinished object further; it leaves who may, and what counts for others, to claims and floors."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shared.adapters.disk_commits import Written
from shared.adapters.disk_floors import DiskFloors
from shared.adapters.disk_locks import NOBODY
from shared.adapters.disk_promises import Promise
from shared.adapters.disk_reading import pieces_of
from shared.adapters.disk_room import DiskRoom, cut_back, free_rest
from shared.adapters.disk_sync import DiskSync
from shared.adapters.disk_writer import Run, write_all
from shared.digest import Hasher


@dataclass(eq=False, kw_only=True)
class DiskAppender:
    """ObjectAppender of one file, whose lock is the claim; one call at a time."""

    run: Run
    commit_with_others: Callable[[Written], Awaitable[None]]
    let_go: Callable[[], None]
    """Close the descriptor, and with it the claim."""
    sync: DiskSync
    floors: DiskFloors
    room: DiskRoom
    part: Path
    path: Path
    descriptor: int
    wanted: asyncio.Event
    promise: Promise
    hasher: Hasher
    provisional: bool = False
    offset: int = 0
    unsynced: int = 0
    floor: int | None = None
    """What the note on the disk says, as far as we know."""

    def go_on(self) -> None:
        """Find out how much is there that counts, cut off the rest, and make it durable."""
        self.floor = self.floors.of(self.part.name)
        self.offset = os.fstat(self.descriptor).st_size
        if self.floor is not None and self.floor < self.offset:
            self.offset = self.floor
            self._cut_back()
        os.lseek(self.descriptor, self.offset, os.SEEK_SET)
        self.sync_bytes()
        if self.floor is not None and not self.provisional:
            self.floors.lift(self.part.name)

    async def write(self, pieces: Sequence[bytes]) -> None:
        """See the port."""
        await self.run(lambda: self._write(pieces))

    async def keep(self) -> int:
        """See the port."""
        await self.run(self._keep)
        return self.offset

    async def take_back(self) -> None:
        """See the port."""
        await self.run(self._cut_back)

    async def reserve(self, length: int) -> None:
        """See the port."""
        await self.run(lambda: self._reserve(length))

    def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """See the port."""
        return pieces_of(self.descriptor, start, min(stop, self.offset), self.run)

    async def commit(self) -> None:
        """See the port. The bytes are durable before the name moves, so what is found in its place is whole."""
        await self.run(self._finish)
        try:
            await self.commit_with_others(self)
        except BaseException:
            await self.run(self._move_back)
            raise
        await self.run(lambda: self.floors.forget(self.part.name))

    async def discard(self) -> None:
        """See the port. Nothing, where it was released: it is another's by now."""
        if self.descriptor != NOBODY:
            await self.run(self._remove)
            await self.release()

    async def release(self) -> None:
        """See the port."""
        self.promise.end()
        self.descriptor = NOBODY
        self.let_go()

    def begin(self) -> None:
        """See Written: all of it is in the file."""

    def sync_bytes(self) -> None:
        """Make the bytes durable."""
        self.sync.file(self.descriptor)
        self.unsynced = 0

    def _write(self, pieces: Sequence[bytes]) -> None:
        if self.provisional and self.floor != self.offset:
            self._note(self.offset)
        size = sum(map(len, pieces))
        self.room.look(self.descriptor, self._end() + size, self.promise)
        self.hasher.update(pieces)
        self.unsynced += size
        write_all(self.descriptor, pieces)
        self.promise.used(size)

    def _keep(self) -> None:
        try:
            self.sync_bytes()
        except OSError:  # the kernel tells of lost bytes once, and takes them for written from then on
            self._cut_back()
            raise
        end = self._end()
        if self.provisional and end > self.offset:
            self._note(end)
        self.offset = end

    def _note(self, offset: int) -> None:
        self.floor = None
        self.floors.note(self.part.name, offset)
        self.floor = offset

    def _cut_back(self) -> None:
        cut_back(self.descriptor, self.offset, self.promise)
        os.lseek(self.descriptor, self.offset, os.SEEK_SET)
        self.unsynced = 0

    def _reserve(self, length: int) -> None:
        self.promise.end()
        self.promise = self.room.keep(self.descriptor, length)

    def _finish(self) -> None:
        free_rest(self.descriptor)
        self._keep()

    def _move_back(self) -> None:
        with suppress(FileNotFoundError):
            self.path.rename(self.part)

    def _remove(self) -> None:
        for path in (self.part, self.path):
            path.unlink(missing_ok=True)
        self.floors.forget(self.part.name)

    def _end(self) -> int:
        """Return where the next byte goes; after a write that failed this is the end of what reached the file."""
        return os.lseek(self.descriptor, 0, os.SEEK_CUR)
