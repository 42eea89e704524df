"""The memory catalog's part for ingests; it leaves new ones, and what changes their state, to `catalog`."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from shared.adapters.memory_catalog.rows import MemoryRows
from shared.errors import LeaseLost, NotFound
from shared.ids import first_id_at
from shared.ingest import MAX_PRIORITY, MISSING, SETTLED, Ingest, Move, Preview, State
from shared.ports import ANY_SIZE, Listing

_FILTERS = ("state", "media_type", "sha256", "filename")


class MemoryIngests(MemoryRows):
    """See `shared.ports.Catalog`."""

    async def get(self, ingest_id: str) -> Ingest:
        """See the port."""
        if ingest_id not in self._ingests:
            raise NotFound
        return self._ingests[ingest_id]

    async def known(self, ingest_ids: Sequence[str]) -> set[str]:
        """See the port."""
        return {i for i in ingest_ids if i in self._ingests and self._ingests[i].keeps_bytes}

    async def kept(self, before: str | None, limit: int) -> list[str]:
        """See the port."""
        ended = (row for row in self._ingests.values() if row.state in SETTLED and row.keeps_bytes)
        return sorted((row.id for row in ended if before is None or row.id < before), reverse=True)[:limit]

    async def missing(self, limit: int) -> list[str]:
        """See the port."""
        return sorted(row.id for row in self._ingests.values() if is_missing(row))[:limit]

    async def note_missing(self, ingest_id: str, *, missing: bool) -> bool:
        """See the port."""
        row = self._ingests.get(ingest_id)
        if row is None or row.state not in SETTLED or not row.keeps_bytes or is_missing(row) == missing:
            return False
        self._keep(replace(row, why=MISSING if missing else None))
        return True

    async def quarantined(self, ingest_ids: Sequence[str]) -> set[str]:
        """See the port."""
        return {i for i in ingest_ids if i in self._ingests and self._ingests[i].quarantined_until}

    async def end_quarantine(self, now: datetime, limit: int) -> list[str]:
        """See the port."""
        kept = ((row.quarantined_until, row) for row in self._ingests.values() if row.quarantined_until)
        ended = [row for until, row in sorted(kept, key=lambda each: each[0]) if until <= now][:limit]
        for row in ended:
            self._keep(replace(row, quarantined_until=None, token=row.token + 1))
        return [row.id for row in ended]

    async def history(self, ingest_id: str, after: int = 0) -> list[Move]:
        """See the port."""
        return [move for move in self._moves.get(ingest_id, []) if move.number > after]

    async def listing(self, wanted: Listing) -> list[Ingest]:
        """See the port."""
        found = (self._ingests[ingest_id] for ingest_id in sorted(self._ingests, reverse=True))
        return [ingest for ingest in found if _matches(ingest, wanted)][: wanted.limit]

    async def renew(self, ingest: Ingest, until: datetime) -> None:
        """See the port."""
        row = self._ingests.get(ingest.id)
        if row is None or row.state != State.PROCESSING or row.token != ingest.token:
            raise LeaseLost
        self._keep(replace(row, due_at=until))

    async def waiting(
        self, now: datetime, next_ring: datetime, limit: int, *, last: int = MAX_PRIORITY, sizes: range = ANY_SIZE
    ) -> list[Ingest]:
        """See the port."""
        wanted = [row for row in self._due(State.RECEIVED, now) if row.priority <= last and row.size in sizes]
        due = sorted(wanted, key=lambda row: row.priority)[:limit]
        for ingest in due:
            self._keep(replace(ingest, due_at=next_ring))
        return due

    async def backlog(self, limit: int) -> int:
        """See the port."""
        return min(limit, sum(row.state == State.RECEIVED for row in self._ingests.values()))

    async def holders(self) -> set[str]:
        """See the port."""
        return {row.holder for row in self._ingests.values() if row.state == State.PROCESSING and row.holder}

    async def expired_leases(self, now: datetime, limit: int, gone: Collection[str] = ()) -> list[Ingest]:
        """See the port."""
        left = [row for row in self._ingests.values() if row.state == State.PROCESSING and row.holder in gone]
        ended = [row for row in self._due(State.PROCESSING, now) if row not in left]
        return [*left, *ended][:limit]

    async def note_preview(self, ingest_id: str, preview: Preview) -> bool:
        """See the port."""
        row = self._ingests.get(ingest_id)
        if row is None or not _wants_preview(row):
            return False
        self._keep(replace(row, preview=preview))
        return True

    async def unpreviewed(self, before: datetime, now: datetime, limit: int) -> list[Ingest]:
        """See the port."""
        lost = [row for row in self._ingests.values() if _wants_preview(row) and row.updated_at < before]
        lost = sorted(lost, key=lambda row: row.updated_at)[:limit]
        for row in lost:
            self._keep(replace(row, updated_at=now))
        return lost

    async def forget_keys(self, before: datetime) -> int:
        """See the port."""
        old = [name for name, (ingest, _) in self._keys.items() if ingest.created_at < before]
        for name in old:
            del self._keys[name]
        return len(old)

    def _due(self, state: State, now: datetime) -> list[Ingest]:
        found = ((row.due_at, row) for row in self._ingests.values() if row.state == state and row.due_at)
        return [row for due_at, row in sorted(found, key=lambda each: each[0]) if due_at <= now]


def is_missing(ingest: Ingest) -> bool:
    """Tell whether it is noted that its bytes are missing."""
    return ingest.state in SETTLED and ingest.why == MISSING


def _wants_preview(ingest: Ingest) -> bool:
    return ingest.state == State.COMPLETED and ingest.preview == Preview.WANTED


def _matches(ingest: Ingest, wanted: Listing) -> bool:
    same = all(getattr(wanted, name) in {None, getattr(ingest, name)} for name in _FILTERS)
    after = wanted.since is None or ingest.id >= first_id_at(wanted.since)
    before = wanted.until is None or ingest.id < first_id_at(wanted.until)
    kept = not wanted.quarantined or ingest.quarantined_until is not None
    kept = kept and wanted.reason in {None, *ingest.verdict.reasons}
    return same and kept and after and before and (wanted.before is None or ingest.id < wanted.before)
