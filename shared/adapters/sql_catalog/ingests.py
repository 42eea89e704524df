"""The catalog's part for ingests and their history; it leaves new ones to `recording`, events to `deliveries`."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Text, delete, func, insert, literal, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.adapters.sql_catalog.recording import SqlRecording
from shared.adapters.sql_catalog.rows import changed_columns, ingest_of, move_of
from shared.adapters.sql_catalog.tables import (
    idempotency,
    ingests,
    is_missing,
    is_processing,
    is_quarantined,
    is_received,
    is_settled,
    keeps_bytes,
    moves,
    wants_preview,
)
from shared.errors import LeaseLost, NotFound, StaleState
from shared.ids import first_id_at
from shared.ingest import FINAL, MAX_PRIORITY, MISSING, Ingest, Move, Preview, Reason, State
from shared.ports import ANY_SIZE, Listing

_IDS_AT_ONCE = 1000
"""Both databases allow about 32,000 parameters in a statement."""


class SqlIngests(SqlRecording):
    """See `shared.ports.Catalog`."""

    async def get(self, ingest_id: str) -> Ingest:
        """See the port."""
        async with self.reading() as connection:
            answer = await connection.execute(select(ingests).where(ingests.c.id == ingest_id))
        if row := answer.mappings().first():
            return ingest_of(row)
        raise NotFound

    async def known(self, ingest_ids: Sequence[str]) -> set[str]:
        """See the port."""
        return await self._among(ingest_ids, keeps_bytes)

    async def kept(self, before: str | None, limit: int) -> list[str]:
        """See the port."""
        async with self.reading() as connection:
            return list(await connection.scalars(ended_with_bytes(before, limit)))

    async def missing(self, limit: int) -> list[str]:
        """See the port."""
        noted = select(ingests.c.id).where(is_missing).limit(limit)
        async with self.reading() as connection:
            return list(await connection.scalars(noted))

    async def note_missing(self, ingest_id: str, *, missing: bool) -> bool:
        """See the port."""
        news = ingests.c.why.is_distinct_from(MISSING) if missing else is_missing
        row = (ingests.c.id == ingest_id) & is_settled & keeps_bytes & news
        async with self.writing() as connection:
            answer = await connection.execute(update(ingests).where(row).values(why=MISSING if missing else None))
        return bool(answer.rowcount)

    async def quarantined(self, ingest_ids: Sequence[str]) -> set[str]:
        """See the port."""
        return await self._among(ingest_ids, is_quarantined)

    async def end_quarantine(self, now: datetime, limit: int) -> list[str]:
        """See the port."""
        async with self.writing() as connection:
            ended = list(await connection.scalars(ended_quarantine(now, limit)))
            if ended:
                values = {"quarantined_until": None, "token": ingests.c.token + 1}
                await connection.execute(update(ingests).where(ingests.c.id.in_(ended)).values(values))
        return ended

    async def _among(self, ingest_ids: Sequence[str], condition: ColumnElement[bool]) -> set[str]:
        found: set[str] = set()
        async with self.reading() as connection:
            for start in range(0, len(ingest_ids), _IDS_AT_ONCE):
                some = ingests.c.id.in_(ingest_ids[start : start + _IDS_AT_ONCE])
                found.update(await connection.scalars(select(ingests.c.id).where(some, condition)))
        return found

    async def history(self, ingest_id: str, after: int = 0) -> list[Move]:
        """See the port."""
        wanted = select(moves).where(moves.c.ingest_id == ingest_id, moves.c.number > after)
        async with self.reading() as connection:
            answer = await connection.execute(wanted.order_by(moves.c.number))
        return [move_of(row) for row in answer.mappings()]

    async def listing(self, wanted: Listing) -> list[Ingest]:
        """See the port."""
        async with self.reading() as connection:
            answer = await connection.execute(listed(wanted))
        return [ingest_of(row) for row in answer.mappings()]

    async def renew(self, ingest: Ingest, until: datetime) -> None:
        """See the port."""
        held = (ingests.c.id == ingest.id) & is_processing & (ingests.c.token == ingest.token)
        async with self.writing() as connection:
            answer = await connection.execute(update(ingests).where(held).values(due_at=until))
        if not answer.rowcount:
            raise LeaseLost

    async def waiting(
        self, now: datetime, next_ring: datetime, limit: int, *, last: int = MAX_PRIORITY, sizes: range = ANY_SIZE
    ) -> list[Ingest]:
        """See the port."""
        wanted = due_to_ring(now, limit, last, sizes)
        async with self.writing() as connection:
            due = [ingest_of(row) for row in (await connection.execute(wanted)).mappings()]
            if due:
                same = ingests.c.id.in_([ingest.id for ingest in due])
                await connection.execute(update(ingests).where(same).values(due_at=next_ring))
        return due

    async def backlog(self, limit: int) -> int:
        """See the port."""
        some = select(ingests.c.id).where(is_received).limit(limit).subquery()
        async with self.reading() as connection:
            return await connection.scalar(select(func.count()).select_from(some)) or 0

    async def holders(self) -> set[str]:
        """See the port."""
        held = select(ingests.c.holder).where(is_processing, ingests.c.holder.is_not(None)).distinct()
        async with self.reading() as connection:
            return set(await connection.scalars(held))

    async def expired_leases(self, now: datetime, limit: int, gone: Collection[str] = ()) -> list[Ingest]:
        """See the port."""
        found: dict[str, Ingest] = {}
        for query in (left_leases(gone, limit), ended_leases(now, limit)):
            async with self.reading() as connection:
                answer = await connection.execute(query)
            found |= {row["id"]: ingest_of(row) for row in answer.mappings()}
        return list(found.values())[:limit]

    async def note_preview(self, ingest_id: str, preview: Preview) -> bool:
        """See the port."""
        wanted = (ingests.c.id == ingest_id) & (ingests.c.state == State.COMPLETED) & wants_preview
        async with self.writing() as connection:
            answer = await connection.execute(update(ingests).where(wanted).values(preview=preview))
        return bool(answer.rowcount)

    async def unpreviewed(self, before: datetime, now: datetime, limit: int) -> list[Ingest]:
        """See the port."""
        async with self.writing() as connection:
            lost = [ingest_of(row) for row in (await connection.execute(lost_previews(before, limit))).mappings()]
            if lost:
                same = ingests.c.id.in_([ingest.id for ingest in lost])
                await connection.execute(update(ingests).where(same).values(updated_at=now))
        return lost

    async def forget_keys(self, before: datetime) -> int:
        """See the port."""
        async with self.writing() as connection:
            answer = await connection.execute(delete(idempotency).where(idempotency.c.created_at < before))
        return answer.rowcount


async def save_ingest(connection: AsyncConnection, before: Ingest, after: Ingest, detail: str | None) -> None:
    """Update the row and write the move; raise StaleState or NotFound where the row is not as `before`."""
    same = (ingests.c.id == before.id, ingests.c.state == before.state, ingests.c.token == before.token)
    answer = await connection.execute(update(ingests).where(*same).values(changed_columns(before, after)))
    if not answer.rowcount:
        known = await connection.scalar(select(ingests.c.state).where(ingests.c.id == before.id))
        raise StaleState(f"It is {known} by now.") if known else NotFound
    if before.state == after.state:
        return
    number = select(func.coalesce(func.max(moves.c.number), 0) + 1).where(moves.c.ingest_id == before.id)
    values = (before.id, number.scalar_subquery(), after.updated_at, before.state, after.state, detail)
    await connection.execute(insert(moves).values(values))


def listed(wanted: Listing) -> Select[tuple[object, ...]]:
    """Return the query of a listing: each filter has an index that ends with the id, so nothing is sorted."""
    ids = ingests.c.id
    limits: list[ColumnElement[bool]] = [
        ingests.c[name] == value
        for name in ("state", "media_type", "sha256", "filename")
        if (value := getattr(wanted, name)) is not None
    ]
    limits += [is_quarantined] if wanted.quarantined else []
    limits += [_has_reason(wanted.reason)] if wanted.reason else []
    limits += [ids >= first_id_at(wanted.since)] if wanted.since else []
    limits += [ids < first_id_at(wanted.until)] if wanted.until else []
    limits += [ids < wanted.before] if wanted.before else []
    return select(ingests).where(*limits).order_by(ids.desc()).limit(literal(wanted.limit))


def _has_reason(reason: Reason) -> ColumnElement[bool]:
    """Look into the verdict's JSON text: quotes inside its strings are escaped, so only the list's own end matches."""
    pattern = f'{{"reasons":[%"{reason}"%],"detail":%'.replace("_", "^_")
    return type_coerce(ingests.c.verdict, Text).like(pattern, escape="^")


def due_to_ring(now: datetime, limit: int, last: int, sizes: range) -> Select[tuple[object, ...]]:
    """Return the query of the sweeper's ringing; what another sweeper holds is left out."""
    of_these = (ingests.c.priority <= last, ingests.c.size >= sizes.start, ingests.c.size < sizes.stop)
    due = select(ingests).where(is_received, ingests.c.due_at <= now, *of_these)
    in_order = due.order_by(ingests.c.priority, ingests.c.due_at).limit(limit)
    return in_order.with_for_update(skip_locked=True)


def ended_with_bytes(before: str | None, limit: int) -> Select[str]:
    """Return the query of the ended ingests that keep their bytes, by pages from the newest on.

    NOT IN, because by a list of states SQLite would read all of each and sort them.
    """
    older = [ingests.c.id < before] if before else []
    ended = ingests.c.state.not_in(sorted(set(State) - FINAL))
    kept = select(ingests.c.id).where(ended, keeps_bytes, *older)
    return kept.order_by(ingests.c.id.desc()).limit(limit)


def ended_quarantine(now: datetime, limit: int) -> Select[str]:
    """Return the query of those whose quarantine has ended; what another sweeper holds is left out."""
    until = ingests.c.quarantined_until
    ended = select(ingests.c.id).where(is_quarantined, until <= now)
    return ended.order_by(until).limit(limit).with_for_update(skip_locked=True)


def left_leases(gone: Collection[str], limit: int) -> Select[tuple[object, ...]]:
    """Return the query of the leases whose holder is gone."""
    return select(ingests).where(is_processing, ingests.c.holder.in_(gone)).limit(limit)


def ended_leases(now: datetime, limit: int) -> Select[tuple[object, ...]]:
    """Return the query of the leases that have ended by time."""
    ended = select(ingests).where(is_processing, ingests.c.due_at <= now)
    return ended.order_by(ingests.c.due_at).limit(limit)


def lost_previews(before: datetime, limit: int) -> Select[tuple[object, ...]]:
    """Return the query of the previews that a worker owes since before then; what another sweeper holds is left out."""
    lost = select(ingests).where(wants_preview, ingests.c.updated_at < before)  # with the state, SQLite goes by that
    return lost.order_by(ingests.c.updated_at).limit(limit).with_for_update(skip_locked=True)
