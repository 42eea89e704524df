"""Records new ingests, those that come together in one transaction; it leaves what becomes of them to `ingests`."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.adapters.sql_catalog.counting import change_of_state, count
from shared.adapters.sql_catalog.database import TRANSACTION_SECONDS, Database, insert_or
from shared.adapters.sql_catalog.faults import named_faults
from shared.adapters.sql_catalog.rows import ingest_row, upload_row
from shared.adapters.sql_catalog.tables import idempotency, ingests, moves, uploads
from shared.adapters.sql_catalog.types import storable
from shared.errors import DuplicateIngest, StaleState, Unavailable
from shared.group_commit import GroupCommit, Outcome
from shared.ingest import Ingest, State
from shared.ports import IdempotencyKey
from shared.resumable import Resumable


@dataclass(frozen=True, slots=True)
class _New:
    """What a caller of `record` gave."""

    ingest: Ingest
    key: IdempotencyKey | None
    detail: str | None
    resumable: Resumable | None


Slot = tuple[str, str]
"""A key's principal and text, as they are stored."""
Owners = Mapping[Slot, tuple[str, str]]
"""To each key the ingest that has it, and its fingerprint."""


class SqlRecording(Database):
    """See `shared.ports.Catalog`."""

    def __init__(self, url: str, *, durable: bool = True) -> None:
        super().__init__(url, durable=durable)
        self._recording = GroupCommit[_New](self._record, patience=TRANSACTION_SECONDS)

    async def record(
        self,
        ingest: Ingest,
        key: IdempotencyKey | None = None,
        detail: str | None = None,
        resumable: Resumable | None = None,
    ) -> None:
        """See the port."""
        with named_faults():
            await self._recording.submit(_New(ingest, key, detail, resumable))

    async def close(self) -> None:
        """Finish what is being recorded, and close the connections."""
        await self._recording.close()
        await super().close()

    async def _record(self, news: Sequence[_New]) -> Sequence[Outcome]:
        """Record all at once. One at which that fails must not take the others with it: then each has its own turn."""
        try:
            return await self._together(news)
        except Unavailable:
            raise
        except Exception:
            if len(news) == 1:
                raise
            return await self._one_by_one(news)

    async def _together(self, news: Sequence[_New]) -> list[Outcome]:
        async with self.writing() as connection:
            owners = await _take_keys(connection, _key_rows(news))
            outcomes: list[Outcome] = [_duplicate(new, owners) for new in news]
            fresh = [new for new, outcome in zip(news, outcomes, strict=True) if outcome is None]
            if fresh:
                await _insert(connection, fresh)
        return outcomes

    async def _one_by_one(self, news: Sequence[_New]) -> list[Outcome]:
        """Where the database goes away in between, the rest isn't tried: each try may take as long as it may."""
        outcomes: list[Outcome] = []
        for new in news:
            try:
                outcomes += await self._together([new])
            except Unavailable as fault:
                left = len(news) - len(outcomes) - 1
                return [*outcomes, fault, *[Unavailable("The catalog does not answer.")] * left]
            except Exception as fault:  # noqa: BLE001  (its caller raises it)
                outcomes.append(fault)
        return outcomes


def _key_rows(news: Sequence[_New]) -> dict[Slot, dict[str, object]]:
    """Return the rows of the keys; of those that come with the same one, the first has it."""
    rows: dict[Slot, dict[str, object]] = {}
    for new in news:
        if new.key:
            row = {"principal": new.ingest.principal, "key": new.key.key, "ingest_id": new.ingest.id}
            more = {"fingerprint": new.key.fingerprint, "created_at": new.ingest.created_at}
            rows.setdefault(_slot(new.ingest, new.key), row | more)
    return rows


def _slot(ingest: Ingest, key: IdempotencyKey) -> Slot:
    return storable(ingest.principal), storable(key.key)


async def _take_keys(connection: AsyncConnection, rows: Mapping[Slot, dict[str, object]]) -> Owners:
    """Insert the keys that are free, and return whose each is now.

    Another process that takes one of them waits here for our commit, or we for its; all go in the same order, so that
    no two wait for each other.
    """
    if not rows:
        return {}
    statement = insert_or(connection, idempotency)
    unchanged = statement.on_conflict_do_update(index_elements=["principal", "key"], set_={"key": idempotency.c.key})
    returned = unchanged.returning(*idempotency.c["principal", "key", "ingest_id", "fingerprint"])
    answer = await connection.execute(returned, [rows[slot] for slot in sorted(rows)])
    return {(principal, key): (ingest_id, fingerprint) for principal, key, ingest_id, fingerprint in answer}


def _duplicate(new: _New, owners: Owners) -> DuplicateIngest | None:
    if new.key is None:
        return None
    owner, fingerprint = owners[_slot(new.ingest, new.key)]
    return None if owner == new.ingest.id else DuplicateIngest(owner, fingerprint)


async def _insert(connection: AsyncConnection, news: Sequence[_New]) -> None:
    """Raise StaleState where one is already recorded."""
    if await _inserted(connection, [ingest_row(new.ingest) for new in news]) < len(news):
        raise StaleState("It is already recorded.")
    await connection.execute(insert(moves), [move for new in news for move in _first_moves(new)])
    if in_parts := [upload_row(new.resumable) for new in news if new.resumable]:
        await connection.execute(insert(uploads), in_parts)
    changes: Counter[str] = Counter()
    for new in news:
        changes.update(change_of_state(None, new.ingest.state))
    await count(connection, changes)


async def _inserted(connection: AsyncConnection, rows: Sequence[dict[str, object]]) -> int:
    """Return how many were not there. SQLite counts them itself, so that one statement is prepared for any number."""
    statement = insert_or(connection, ingests).on_conflict_do_nothing()
    if connection.dialect.name == "sqlite":
        answer = await connection.execute(statement, rows, execution_options={"preserve_rowcount": True})
        return answer.rowcount
    return len((await connection.scalars(statement.returning(ingests.c.id), rows)).all())


def _first_moves(new: _New) -> Iterator[dict[str, object]]:
    ingest = new.ingest
    start = {"ingest_id": ingest.id, "number": 1, "at": ingest.created_at, "after": State.RECEIVING}
    if ingest.state == State.RECEIVING:
        yield start | {"before": None, "detail": new.detail}
        return
    yield start | {"before": None, "detail": None}
    now = {"number": 2, "at": ingest.updated_at, "before": State.RECEIVING, "after": ingest.state}
    yield start | now | {"detail": new.detail}
