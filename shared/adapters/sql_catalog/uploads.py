"""The catalog's part for uploads that come in parts; it leaves recording them to `recording`, ends to `ingests`."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, Update, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningDelete

from shared.adapters.sql_catalog.counting import change_of_state, count
from shared.adapters.sql_catalog.database import Database
from shared.adapters.sql_catalog.rows import resumable_of
from shared.adapters.sql_catalog.tables import idempotency, ingests, is_receiving, moves, uploads
from shared.adapters.sql_catalog.types import storable
from shared.errors import NotFound, StaleState
from shared.ingest import State
from shared.resumable import Resumable


class SqlUploads(Database):
    """See `shared.ports.Catalog`."""

    async def named(self, principal: str, key: str) -> str | None:
        """See the port."""
        mine = (idempotency.c.principal == storable(principal), idempotency.c.key == storable(key))
        async with self.reading() as connection:
            ingest_id: str | None = await connection.scalar(select(idempotency.c.ingest_id).where(*mine))
        return ingest_id

    async def resumable(self, ingest_id: str) -> Resumable:
        """See the port."""
        async with self.reading() as connection:
            answer = await connection.execute(select(uploads).where(uploads.c.ingest_id == ingest_id))
        if row := answer.mappings().first():
            return resumable_of(row)
        raise NotFound

    async def declare_length(self, ingest_id: str, length: int) -> None:
        """See the port."""
        async with self.writing() as connection:
            if not (await connection.execute(declared_length(ingest_id, length))).rowcount:
                raise StaleState("Its length was said to be another, or it is over.")

    async def prolong(self, ingest_ids: Collection[str], until: datetime) -> None:
        """See the port."""
        async with self.writing() as connection:
            await connection.execute(prolonged(ingest_ids, until))

    async def expire_uploads(self, now: datetime, limit: int) -> list[Resumable]:
        """See the port."""
        async with self.writing() as connection:
            rows = (await connection.execute(expired(now, limit))).mappings()
            ended = [resumable_of(row) for row in rows]
            if ended:
                await _expire(connection, [upload.ingest_id for upload in ended], now)
        return ended

    async def forget_uploads(self, now: datetime, limit: int) -> int:
        """See the port."""
        async with self.writing() as connection:
            return len((await connection.scalars(forgotten(now, limit))).all())


def declared_length(ingest_id: str, length: int) -> Update:
    """Return the statement that writes a length where none is written, or the same."""
    same = uploads.c.length.is_(None) | (uploads.c.length == length)
    open_ = exists().where(ingests.c.id == uploads.c.ingest_id, is_receiving)
    return update(uploads).where(uploads.c.ingest_id == ingest_id, same, open_).values(length=length)


def prolonged(ingest_ids: Collection[str], until: datetime) -> Update:
    """Return the statement; it locks in the order of the ids, so that two of them never wait crosswise."""
    ours = select(uploads.c.ingest_id).where(uploads.c.ingest_id.in_(ingest_ids)).order_by(uploads.c.ingest_id)
    locked = ours.with_for_update().cte("ours")
    return update(uploads).where(uploads.c.ingest_id.in_(select(locked))).values(expires_at=until)


def expired(now: datetime, limit: int) -> Select[tuple[object, ...]]:
    """Return the query of those to expire, which locks both rows; what another one has locked is left out.

    By the plain column SQLite would read all that are receiving and sort them.
    """
    still_receiving = ingests.c.state.concat("") == State.RECEIVING
    ended = select(uploads).join(ingests).where(uploads.c.expires_at <= now, still_receiving)
    return ended.order_by(uploads.c.expires_at).limit(limit).with_for_update(skip_locked=True)


def forgotten(now: datetime, limit: int) -> ReturningDelete[str]:
    """Return the statement; as in `revived_many`, what it chooses must be chosen once."""
    ended = select(uploads.c.ingest_id).join(ingests).where(uploads.c.expires_at <= now, ~is_receiving)
    in_order = ended.order_by(uploads.c.expires_at).limit(limit)
    chosen = in_order.with_for_update(of=uploads, skip_locked=True).cte("chosen")
    return delete(uploads).where(uploads.c.ingest_id.in_(select(chosen))).returning(uploads.c.ingest_id)


async def _expire(connection: AsyncConnection, ingest_ids: Sequence[str], now: datetime) -> None:
    """Save those that the transaction has locked; in the history of a receiving ingest there is its beginning alone."""
    values = {"state": State.EXPIRED, "updated_at": now, "completed_at": now, "why": None}
    await connection.execute(update(ingests).where(ingests.c.id.in_(ingest_ids)).values(values))
    move = {"number": 2, "at": now, "before": State.RECEIVING, "after": State.EXPIRED}
    await connection.execute(insert(moves), [{"ingest_id": ingest_id} | move for ingest_id in ingest_ids])
    change = change_of_state(State.RECEIVING, State.EXPIRED)
    await count(connection, {name: number * len(ingest_ids) for name, number in change.items()})
