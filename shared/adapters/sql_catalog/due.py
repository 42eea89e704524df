"""Queries of the deliveries that are due; it leaves claiming them, and their outcome, to `deliveries`."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.adapters.sql_catalog.tables import deliveries, events, is_pending, is_undelivered
from shared.ports.catalog_values import share


async def due_of_any(
    connection: AsyncConnection, now: datetime, limit: int, but_not: Collection[str]
) -> Sequence[RowMapping]:
    """Return the oldest of what each sink has, of which the sinks may have equally many."""
    sinks = [sink for sink in await _pending_sinks(connection) if sink not in but_not]
    found: list[RowMapping] = []
    for sink in sinks:
        found += (await connection.execute(due_of_sink(sink, now, share(limit, len(sinks))))).mappings()
    return sorted(found, key=lambda row: row["next_attempt_at"])[:limit]


def due_of_event(event_id: str, now: datetime, limit: int, but_not: Collection[str]) -> Select[Any]:
    """Return the query of an event's due deliveries with it; what another one claims is left out."""
    return _due(now, limit, deliveries.c.event_id == event_id, deliveries.c.sink.not_in(sorted(but_not)))


def due_of_sink(sink: str, now: datetime, limit: int) -> Select[Any]:
    """Return the query of a sink's due deliveries with their events; what another one claims is left out."""
    return _due(now, limit, deliveries.c.sink == sink)


def next_pending_sink(after: str) -> Select[Any]:
    """Return the query of the first sink behind another one that has pending deliveries."""
    pending = select(deliveries.c.sink).where(is_pending, is_undelivered, deliveries.c.sink > after)
    return pending.order_by(deliveries.c.sink).limit(1)


async def _pending_sinks(connection: AsyncConnection) -> list[str]:
    """Return the sinks that have pending deliveries, by one step in the index for each.

    A DISTINCT would read all of them: https://wiki.postgresql.org/wiki/Loose_indexscan
    """
    sinks: list[str] = []
    while (sink := await connection.scalar(next_pending_sink(sinks[-1] if sinks else ""))) is not None:
        sinks.append(sink)
    return sinks


def _due(now: datetime, limit: int, *which: ColumnElement[bool]) -> Select[Any]:
    wanted = select(deliveries, events.c.body, events.c.sequence).join(events)
    due = wanted.where(is_pending, deliveries.c.next_attempt_at <= now, *which)
    in_order = due.order_by(deliveries.c.next_attempt_at).limit(limit)
    return in_order.with_for_update(of=deliveries, skip_locked=True)
