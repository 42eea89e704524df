"""Writes one object into memory, in one go; it leaves keeping it to the store."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.digest import Hasher
from shared.errors import StorageFull

if TYPE_CHECKING:
    from shared.adapters.memory_store import MemoryStore


class MemoryWriter:
    """ObjectWriter into a dictionary."""

    def __init__(self, store: "MemoryStore", ingest_id: str, hasher: Hasher) -> None:
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
        self._store.finish(self._ingest_id, bytes(self._bytes))

    async def discard(self) -> None:
        """See the port."""
        self._store.half_written.pop(self._ingest_id, None)
        self._store.objects.pop(self._ingest_id, None)
        await self.release()

    async def release(self) -> None:
        """See the port."""
        self._store.claimed.discard(self._ingest_id)
        self._store.promised.pop(self._ingest_id, None)
