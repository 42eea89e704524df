"""The catalog's part for events and deliveries; it leaves ingests to `ingests` and sending to the sinks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, Update, insert, literal_column, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.adapters.sql_catalog.counting import DELIVERIES, EVENTS, count
from shared.adapters.sql_catalog.database import TRANSACTION_SECONDS, Database
from shared.adapters.sql_catalog.due import due_of_any, due_of_event
from shared.adapters.sql_catalog.faults import named_faults
from shared.adapters.sql_catalog.rows import delivery_of, delivery_row, event_of, event_row
from shared.adapters.sql_catalog.tables import deliveries, events, is_dead, is_pending, is_undelivered
from shared.events import Delivery, DeliveryState, Event
from shared.group_commit import GroupCommit, Outcome
from shared.ports import Due, Undelivered

_KEY = tuple_(deliveries.c.event_id, deliveries.c.sink)
_OUTCOME = ("state", "attempts", "next_attempt_at", "delivered_at", "last_error")


@dataclass(slots=True)
class _Report:
    """What a caller of `report` gave, and whether its claim held."""

    due: Due
    outcome: Delivery
    held: bool = False


class SqlDeliveries(Database):
    """See `shared.ports.Catalog`."""

    def __init__(self, url: str, *, durable: bool = True) -> None:
        super().__init__(url, durable=durable)
        self._reporting = GroupCommit[_Report](self._report, patience=TRANSACTION_SECONDS)

    async def close(self) -> None:
        """Finish what is being reported, and close the connections."""
        await self._reporting.close()
        await super().close()

    async def event_of(self, ingest_id: str) -> Event | None:
        """See the port."""
        wanted = select(events).where(events.c.ingest_id == ingest_id)
        async with self.reading() as connection:
            answer = await connection.execute(wanted.order_by(events.c.sequence.desc()).limit(1))
        row = answer.mappings().first()
        return event_of(row) if row else None

    async def events(self, after: int, limit: int) -> list[Event]:
        """See the port."""
        wanted = select(events).where(events.c.sequence > after).order_by(events.c.sequence).limit(limit)
        async with self.reading() as connection:
            answer = await connection.execute(wanted)
        return [event_of(row) for row in answer.mappings()]

    async def deliveries(self, ingest_id: str) -> list[Delivery]:
        """See the port."""
        wanted = select(deliveries).join(events).where(deliveries.c.ingest_id == ingest_id)
        async with self.reading() as connection:
            answer = await connection.execute(wanted.order_by(events.c.sequence, deliveries.c.sink))
        return [delivery_of(row) for row in answer.mappings()]

    async def due_deliveries(
        self,
        now: datetime,
        until: datetime,
        limit: int,
        event_id: str | None = None,
        but_not: Collection[str] = (),
    ) -> list[Due]:
        """See the port."""
        async with self.writing() as connection:
            if event_id is None:
                rows = await due_of_any(connection, now, limit, but_not)
            else:
                rows = (await connection.execute(due_of_event(event_id, now, limit, but_not))).mappings().all()
            if rows:
                await connection.execute(_claim(rows, until))
        return [_due(row, until) for row in rows]

    async def report(self, due: Due, outcome: Delivery) -> bool:
        """See the port. Those that come together are one transaction."""
        report = _Report(due, outcome)
        with named_faults():
            await self._reporting.submit(report)
        return report.held

    async def _report(self, reports: Sequence[_Report]) -> list[Outcome]:
        async with self.writing() as connection:
            for report in sorted(reports, key=_place):
                report.held = bool((await connection.execute(_reported(report))).rowcount)
        return [None] * len(reports)

    async def revive(self, ingest_id: str, now: datetime) -> int:
        """See the port."""
        dead = deliveries.c.ingest_id == ingest_id, is_dead
        async with self.writing() as connection:
            return (await connection.execute(_revived(now).where(*dead))).rowcount

    async def undelivered(self, wanted: Undelivered) -> list[Delivery]:
        """See the port."""
        async with self.reading() as connection:
            answer = await connection.execute(undelivered(wanted))
        return [delivery_of(row) for row in answer.mappings()]

    async def revive_many(self, wanted: Undelivered, now: datetime) -> list[str]:
        """See the port."""
        async with self.writing() as connection:
            return list(await connection.scalars(revived_many(wanted, now)))


async def add_event(connection: AsyncConnection, event: Event, sinks: Sequence[str], counted: dict[str, int]) -> Event:
    """Write the event and its deliveries, and return it with its sequence.

    The sequence comes last: its row stays locked until the commit, so that numbers become visible in their order.
    """
    if sinks:
        await connection.execute(insert(deliveries), [delivery_row(event, sink) for sink in sinks])
    changes = counted | {EVENTS: 1} | {DELIVERIES + sink: 1 for sink in sinks}
    sequence = (await count(connection, changes))[EVENTS]
    await connection.execute(insert(events), event_row(event) | {"sequence": sequence})
    return event.numbered(sequence)


def undelivered(wanted: Undelivered) -> Select[Any]:
    """Return the query of a listing: it goes by the index of what is undelivered, in the index's order.

    Those of one sink and one moment are sorted by their event; `revive_many` makes no more than its limit of such.
    """
    place = deliveries.c.sink, deliveries.c.pending_since, deliveries.c.event_id
    since = deliveries.c.pending_since
    limits: list[ColumnElement[bool]] = [is_undelivered, deliveries.c.state == literal_column(f"'{wanted.state}'")]
    limits += [deliveries.c.sink == wanted.sink] if wanted.sink is not None else []
    limits += [since >= wanted.since] if wanted.since else []
    limits += [since < wanted.until] if wanted.until else []
    limits += [tuple_(*place) > wanted.after] if wanted.after else []
    return select(deliveries).where(*limits).order_by(*place).limit(wanted.limit)


def revived_many(wanted: Undelivered, now: datetime) -> Any:
    """Return the statement that revives what the query finds dead; what another one revives is left out.

    It has the query as a CTE: PostgreSQL may run a subquery several times, and that would find others each time.
    """
    dead = undelivered(replace(wanted, state=DeliveryState.DEAD)).with_only_columns(*_KEY)
    chosen = dead.with_for_update(skip_locked=True).cte("chosen")
    return _revived(now).where(_KEY.in_(select(chosen)), is_dead).returning(deliveries.c.event_id)


def _revived(now: datetime) -> Update:
    values = {"state": DeliveryState.PENDING, "attempts": 0, "next_attempt_at": now, "pending_since": now}
    return update(deliveries).values(values)


def _claim(rows: Sequence[RowMapping], until: datetime) -> Any:
    keys = [(row["event_id"], row["sink"]) for row in rows]
    claimed = update(deliveries).where(_KEY.in_(keys))
    return claimed.values(next_attempt_at=until, token=deliveries.c.token + 1)


def _place(report: _Report) -> tuple[str, str]:
    """All lock in the same order, so that no two wait for each other."""
    return report.outcome.event_id, report.outcome.sink


def _reported(report: _Report) -> Update:
    due, outcome = report.due, report.outcome
    claimed = (
        deliveries.c.event_id == due.delivery.event_id,
        deliveries.c.sink == due.delivery.sink,
        deliveries.c.token == due.token,
        is_pending,
    )
    values = {name: getattr(outcome, name) for name in _OUTCOME} | {"token": due.token + 1}
    return update(deliveries).where(*claimed).values(values)


def _due(row: RowMapping, until: datetime) -> Due:
    return Due(replace(delivery_of(row), next_attempt_at=until), event_of(row), row["token"] + 1)
