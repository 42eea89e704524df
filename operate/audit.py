"""The audit: rows against bytes and bytes against rows, page by page in constant memory; it leaves repairing to others.

What changes while it looks is looked at again, so that an ingest on its way is never taken for a fault.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.errors import NotFound
from shared.ids import parse_id
from shared.ingest import Ingest, State
from shared.ports import Listing
from shared.wiring import Services

PAGE = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with an ingest's bytes."""

    id: str
    fault: str
    detail: str


@dataclass(slots=True)
class Audit:
    """Goes through both sides once and counts what it has seen."""

    services: Services
    digests: bool = False
    rows: int = 0
    objects: int = 0
    bytes: int = 0

    async def findings(self) -> AsyncIterator[Finding]:
        """Yield each fault as it is found."""
        async for ingest in self._rows():
            if found := await self._fault(ingest):
                yield found
        async for found in self._without_row():
            yield found

    async def _rows(self) -> AsyncIterator[Ingest]:
        """Yield the rows that keep bytes, the newest first."""
        last = None
        while page := await self.services.catalog.listing(Listing(before=last, limit=PAGE)):
            for ingest in page:
                if ingest.keeps_bytes and ingest.state is not State.RECEIVING:
                    yield ingest
            last = page[-1].id

    async def _fault(self, ingest: Ingest) -> Finding | None:
        self.rows += 1
        if await self._difference(ingest) and await self.services.catalog.known([ingest.id]):
            return await self._difference(ingest)
        return None

    async def _difference(self, ingest: Ingest) -> Finding | None:
        """Compare a row with its bytes. They may just have gone into quarantine or out: the caller asks twice."""
        try:
            size = await self.services.store.size(ingest.id)
            if size != ingest.size:
                return Finding(ingest.id, "wrong_size", f"{ingest.size} bytes were received, {size} are stored.")
            sha256 = await self._sha256(ingest) if self.digests else ingest.sha256
        except NotFound:
            return Finding(ingest.id, "missing", f"The row is {ingest.state}, and there are no bytes.")
        self.bytes += size
        if ingest.sha256 and sha256 != ingest.sha256:
            return Finding(ingest.id, "wrong_digest", f"{ingest.sha256} was received, {sha256} is stored.")
        return None

    async def _sha256(self, ingest: Ingest) -> str:
        async with self.services.store.local_path(ingest.id) as path:
            return await asyncio.to_thread(_hashed, path)

    async def _without_row(self) -> AsyncIterator[Finding]:
        """Yield what no row keeps; as `reconcile` does, leave alone what may be on its way still."""
        before = datetime.now(UTC) - timedelta(seconds=self.services.settings.orphan_seconds)
        some: list[str] = []
        async for ingest_id in self.services.store.finished(before):
            self.objects += 1
            some.append(ingest_id)
            if len(some) == PAGE:
                for found in await self._strays(some):
                    yield found
                some.clear()
        for found in await self._strays(some):
            yield found

    async def _strays(self, ids: list[str]) -> list[Finding]:
        unknown = set(ids) - await self.services.catalog.known(ids)
        return [
            Finding(ingest_id, "no_row", "There are bytes that no row keeps.")
            for ingest_id in sorted(unknown)
            if await self._is_there(ingest_id)
        ]

    async def _is_there(self, ingest_id: str) -> bool:
        """Tell whether it has not just been deleted; a name of another shape was never ours to delete."""
        try:
            parse_id(ingest_id)
        except NotFound:
            return True
        try:
            return await self.services.store.size(ingest_id) >= 0
        except NotFound:
            return False


def _hashed(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise NotFound from error
