"""The memory catalog's part for uploads that come in parts; it leaves recording them to `catalog`."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

from shared.adapters.memory_catalog.rows import MemoryRows
from shared.errors import NotFound, StaleState
from shared.ingest import State
from shared.resumable import Resumable


class MemoryUploads(MemoryRows):
    """See `shared.ports.Catalog`."""

    async def named(self, principal: str, key: str) -> str | None:
        """See the port."""
        known = self._keys.get((principal, key))
        return known[0].id if known else None

    async def resumable(self, ingest_id: str) -> Resumable:
        """See the port."""
        if ingest_id not in self._uploads:
            raise NotFound
        return self._uploads[ingest_id]

    async def declare_length(self, ingest_id: str, length: int) -> None:
        """See the port."""
        upload = self._uploads.get(ingest_id)
        if upload is None or not self._is_receiving(upload) or upload.length not in {None, length}:
            raise StaleState("Its length was said to be another, or it is over.")
        self._uploads[ingest_id] = replace(upload, length=length)

    async def prolong(self, ingest_ids: Collection[str], until: datetime) -> None:
        """See the port."""
        for ingest_id in set(ingest_ids) & set(self._uploads):
            self._uploads[ingest_id] = replace(self._uploads[ingest_id], expires_at=until)

    async def expire_uploads(self, now: datetime, limit: int) -> list[Resumable]:
        """See the port."""
        ended = [upload for upload in self._expired(now) if self._is_receiving(upload)][:limit]
        for upload in ended:
            before = self._ingests[upload.ingest_id]
            self._keep(before.moved(State.EXPIRED, now, completed_at=now, why=None))
            self._move(before.id, now, State.RECEIVING, State.EXPIRED, None)
        return ended

    async def forget_uploads(self, now: datetime, limit: int) -> int:
        """See the port."""
        ended = [upload.ingest_id for upload in self._expired(now) if not self._is_receiving(upload)][:limit]
        for ingest_id in ended:
            del self._uploads[ingest_id]
        return len(ended)

    def _expired(self, now: datetime) -> Iterator[Resumable]:
        oldest = sorted(self._uploads.values(), key=lambda upload: upload.expires_at)
        return (upload for upload in oldest if upload.expires_at <= now)

    def _is_receiving(self, upload: Resumable) -> bool:
        return self._ingests[upload.ingest_id].state == State.RECEIVING
