"""An object store in memory for tests of logic; it keeps the port's promises but durability."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from shared.adapters.memory_appender import LOOK_SECONDS, MemoryAppender, MemoryPart
from shared.adapters.memory_writer import MemoryWriter
from shared.digest import Hasher
from shared.errors import NotFound, StorageFull, UploadBusy
from shared.ports import Space

FINISHING_SECONDS = 2.0


class MemoryStore:
    """ObjectStore in a dictionary, with room for `total` bytes."""

    def __init__(self, total: int = 1 << 30) -> None:
        self.total = total
        self.objects: dict[str, bytes] = {}
        self.previews: dict[str, bytes] = {}
        self.written_at: dict[str, datetime] = {}
        self.claimed: set[str] = set()
        self.promised: dict[str, int] = {}
        self.away: set[str] = set()
        self.half_written: dict[str, datetime] = {}
        self.parts: dict[str, MemoryPart] = {}

    async def create(self, ingest_id: str, hasher: Hasher, *, expected: int | None) -> MemoryWriter:
        """See the port."""
        self.look_for_room(expected or 0)
        self.claimed.add(ingest_id)
        self.promised[ingest_id] = expected or 0
        self.half_written[ingest_id] = datetime.now(UTC)
        return MemoryWriter(self, ingest_id, hasher)

    async def begin(self, ingest_id: str, *, length: int | None) -> MemoryAppender:
        """See the port."""
        self.look_for_room(length or 0)
        self.parts[ingest_id] = MemoryPart(length or 0)
        self.half_written[ingest_id] = datetime.now(UTC)
        return await self.resume(ingest_id, Hasher())

    async def resume(
        self, ingest_id: str, hasher: Hasher, *, provisional: bool = False, patience: float = 2.0
    ) -> MemoryAppender:
        """See the port."""
        await self._settle(ingest_id, patience)
        appender = MemoryAppender(self, ingest_id, hasher, provisional=provisional)
        try:
            await appender.hold(patience)
        except NotFound:
            await self._settle(ingest_id, patience)
            raise
        return appender

    async def offset(self, ingest_id: str) -> int:
        """See the port."""
        await self._settle(ingest_id, FINISHING_SECONDS)
        return len(self.part(ingest_id).content)

    async def join(self, ingest_id: str, parts: Sequence[str]) -> MemoryWriter:
        """See the port."""
        contents = [bytes(self.part(part).content) for part in parts]
        writer = await self.create(ingest_id, Hasher(), expected=sum(map(len, contents)))
        await writer.write(contents)
        return writer

    async def size(self, ingest_id: str) -> int:
        """See the port."""
        return len(self._object(ingest_id))

    async def read(self, ingest_id: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """See the port."""
        if piece := self._object(ingest_id)[start:stop]:
            yield piece

    @asynccontextmanager
    async def local_path(self, ingest_id: str) -> AsyncIterator[Path]:
        """See the port."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(self._object(ingest_id))
            file.flush()
            yield Path(file.name)

    async def delete(self, ingest_id: str) -> None:
        """See the port."""
        self.objects.pop(ingest_id, None)
        self.previews.pop(ingest_id, None)
        self.half_written.pop(ingest_id, None)
        self.parts.pop(ingest_id, None)
        self.away.discard(ingest_id)

    async def put_away(self, ingest_id: str) -> None:
        """See the port."""
        if ingest_id in self.objects:
            self.away.add(ingest_id)

    async def bring_back(self, ingest_id: str) -> None:
        """See the port."""
        self.away.discard(ingest_id)

    async def in_quarantine(self) -> AsyncIterator[str]:
        """See the port."""
        for ingest_id in sorted(self.away):
            yield ingest_id

    async def put_preview(self, ingest_id: str, content: bytes) -> None:
        """See the port."""
        if len(content) > (await self.space()).free:
            raise StorageFull
        self.previews[ingest_id] = content
        self.written_at[ingest_id] = datetime.now(UTC)

    async def preview(self, ingest_id: str) -> bytes:
        """See the port."""
        if ingest_id not in self.previews:
            raise NotFound
        return self.previews[ingest_id]

    async def abandoned(self, before: datetime) -> AsyncIterator[str]:
        """See the port."""
        for ingest_id in sorted((self.objects.keys() | self.previews.keys()) - self.claimed - self.away):
            if self.written_at[ingest_id] < before:
                yield ingest_id

    async def finished(self, before: datetime) -> AsyncIterator[str]:
        """See the port."""
        for ingest_id in sorted(self.objects):
            if self.written_at[ingest_id] < before:
                yield ingest_id

    async def unfinished(self, before: datetime) -> AsyncIterator[str]:
        """See the port."""
        for ingest_id in sorted(self.half_written.keys() - self.claimed):
            if self.half_written[ingest_id] < before:
                yield ingest_id

    async def missing(self, ingest_ids: Sequence[str]) -> set[str]:
        """See the port."""
        return set(ingest_ids) - self.objects.keys()

    async def space(self) -> Space:
        """See the port."""
        return Space(free=self._free(), total=self.total)

    def uri(self, ingest_id: str) -> str:
        """See the port."""
        return f"memory:{ingest_id}"

    async def _settle(self, ingest_id: str, patience: float) -> None:
        """Wait for who is just finishing the object."""
        deadline = asyncio.get_running_loop().time() + patience
        while ingest_id in self.objects and ingest_id in self.claimed:
            if asyncio.get_running_loop().time() >= deadline:
                raise UploadBusy
            await asyncio.sleep(LOOK_SECONDS)

    def part(self, ingest_id: str) -> MemoryPart:
        """Return an unfinished object that outlives its writers. Raise NotFound."""
        if ingest_id not in self.parts:
            raise NotFound
        return self.parts[ingest_id]

    def written_further(self, ingest_id: str) -> None:
        """Note that an object was just written, if it is unfinished."""
        if ingest_id in self.half_written:
            self.half_written[ingest_id] = datetime.now(UTC)

    def finish(self, ingest_id: str, content: bytes) -> None:
        """Put an object in its place."""
        self.objects[ingest_id] = content
        self.parts.pop(ingest_id, None)
        self.half_written.pop(ingest_id, None)
        self.written_at[ingest_id] = datetime.now(UTC)

    def look_for_room(self, size: int, *, beside: MemoryPart | None = None) -> None:
        """Raise StorageFull where others than the part were promised what so many bytes would take."""
        promised = sum(self.promised.values()) + sum(part.left for part in self.parts.values() if part is not beside)
        if size > self._free() - promised:
            raise StorageFull

    def _free(self) -> int:
        taken = sum(map(len, self.objects.values())) + sum(part.size for part in self.parts.values())
        return self.total - taken

    def _object(self, ingest_id: str) -> bytes:
        if ingest_id not in self.objects:
            raise NotFound
        return self.objects[ingest_id]
