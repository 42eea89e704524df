"""An object store in memory for tests of logic; it keeps the port's promises but durability."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from shared.digest import Hasher
from shared.errors import NotFound, StorageFull
from shared.ports import Space


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

    async def create(self, ingest_id: str, hasher: Hasher, *, expected: int | None) -> "MemoryWriter":
        """See the port."""
        if (expected or 0) > (await self.space()).free - sum(self.promised.values()):
            raise StorageFull
        self.claimed.add(ingest_id)
        self.promised[ingest_id] = expected or 0
        self.half_written[ingest_id] = datetime.now(UTC)
        return MemoryWriter(self, ingest_id, hasher)

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
        return Space(free=self.total - sum(map(len, self.objects.values())), total=self.total)

    def uri(self, ingest_id: str) -> str:
        """See the port."""
        return f"memory:{ingest_id}"

    def _object(self, ingest_id: str) -> bytes:
        if ingest_id not in self.objects:
            raise NotFound
        return self.objects[ingest_id]


class MemoryWriter:
    """ObjectWriter into a dictionary."""

    def __init__(self, store: MemoryStore, ingest_id: str, hasher: Hasher) -> None:
        self._store, self._ingest_id, self._hasher = store, ingest_id, hasher
        self._bytes = bytearray()

    async def write(self, pieces: Sequence[bytes]) -> None:
        """See the port."""
        if len(self._bytes) + sum(map(len, pieces)) > (await self._store.space()).free:
            raise StorageFull
        self._hasher.update(pieces)
        self._bytes += b"".join(pieces)

    async def commit(self) -> None:
        """See the port."""
        self._store.objects[self._ingest_id] = bytes(self._bytes)
        self._store.half_written.pop(self._ingest_id, None)
        self._store.written_at[self._ingest_id] = datetime.now(UTC)

    async def discard(self) -> None:
        """See the port."""
        self._store.half_written.pop(self._ingest_id, None)
        self._store.objects.pop(self._ingest_id, None)
        await self.release()

    async def release(self) -> None:
        """See the port."""
        self._store.claimed.discard(self._ingest_id)
        self._store.promised.pop(self._ingest_id, None)
