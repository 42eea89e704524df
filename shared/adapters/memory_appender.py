"""Unfinished objects in memory, which are written further and further; it leaves the finished ones to the store."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.digest import Hasher
from shared.errors import NotFound, UploadBusy

if TYPE_CHECKING:
    from shared.adapters.memory_store import MemoryStore

LOOK_SECONDS = 0.01
READ_BYTES = 1024 * 1024


@dataclass(eq=False)
class MemoryPart:
    """An unfinished object."""

    length: int = 0
    """Room is kept for so many bytes."""
    content: bytearray = field(default_factory=bytearray)
    """What counts."""
    provisional: bytearray = field(default_factory=bytearray)
    holder: "MemoryAppender | None" = None
    newest: "MemoryAppender | None" = None
    """Who came last in order to hold it."""

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return len(self.content) + len(self.provisional)

    @property
    def left(self) -> int:
        """Bytes for which room is kept beside them."""
        return max(0, self.length - self.size)


class MemoryAppender:
    """ObjectAppender into a dictionary."""

    def __init__(self, store: "MemoryStore", ingest_id: str, hasher: Hasher, *, provisional: bool = False) -> None:
        self.offset = 0
        self.wanted = asyncio.Event()
        self._store, self._ingest_id, self._hasher = store, ingest_id, hasher
        self._part = store.part(ingest_id)
        self._target = self._part.provisional if provisional else self._part.content

    async def hold(self, patience: float) -> None:
        """Hold the object. Raise UploadBusy, or NotFound where it was finished or deleted meanwhile."""
        self._part.newest = self
        deadline = asyncio.get_running_loop().time() + patience
        while holder := self._part.holder:
            if self._part.newest is not self or asyncio.get_running_loop().time() >= deadline:
                raise UploadBusy
            holder.wanted.set()
            await asyncio.sleep(LOOK_SECONDS)
        if self._store.part(self._ingest_id) is not self._part:
            raise NotFound
        self._part.holder = self
        self._store.claimed.add(self._ingest_id)
        self.offset = len(self._part.content)

    async def reserve(self, length: int) -> None:
        """See the port."""
        self._store.look_for_room(length - self._part.size, beside=self._part)
        self._part.length = max(length, self._part.length)

    async def write(self, pieces: Sequence[bytes]) -> None:
        """See the port."""
        data = b"".join(pieces)
        self._store.look_for_room(len(data), beside=self._part)
        self._hasher.update(pieces)
        self._target += data

    async def keep(self) -> int:
        """See the port."""
        self._part.content += self._part.provisional
        self._part.provisional.clear()
        self.offset = len(self._part.content)
        return self.offset

    async def take_back(self) -> None:
        """See the port."""
        self._part.provisional.clear()
        del self._part.content[self.offset :]

    async def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """See the port."""
        stop = min(stop, self.offset)
        for begin in range(start, stop, READ_BYTES):
            yield bytes(self._part.content[begin : min(stop, begin + READ_BYTES)])

    async def commit(self) -> None:
        """See the port."""
        await self.keep()
        if self._store.part(self._ingest_id) is not self._part:
            raise NotFound
        self._store.finish(self._ingest_id, bytes(self._part.content))

    async def discard(self) -> None:
        """See the port."""
        if self._part.holder is self:
            await self._store.delete(self._ingest_id)
        await self.release()

    async def release(self) -> None:
        """See the port."""
        if self._part.holder is self:
            self._part.provisional.clear()
            self._part.holder = None
            self._store.claimed.discard(self._ingest_id)
            self._store.written_further(self._ingest_id)
