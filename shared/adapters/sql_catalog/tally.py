"""The census: one SELECT, so one snapshot, whose cost grows with what waits and never with what is done."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, func, literal, null, select, union_all

from shared.adapters.sql_catalog.counting import DELIVERIES, INGESTS
from shared.adapters.sql_catalog.tables import counters, deliveries, ingests, is_missing, is_received, is_undelivered
from shared.events import DeliveryState
from shared.ingest import State
from shared.ports import Census

Counted = tuple[str, str, int, datetime | None]
"""Name, sink, number, and since when the oldest of them is there."""

_OLDEST_WAITING = ("oldest waiting", "")
_MISSING = ("missing", "")
_UNDER_WAY = (State.RECEIVING, State.RECEIVED, State.PROCESSING)


def counted() -> CompoundSelect[Any]:
    """Return the query: rows of name, sink, number, since when. Each part reads an index or a few counters."""
    since = select(ingests.c.updated_at).where(is_received).order_by(ingests.c.updated_at).limit(1)
    oldest_waiting = select(*map(literal, _OLDEST_WAITING), literal(1), since.scalar_subquery())
    state = ingests.c.state
    under_way = select(literal(INGESTS) + state, literal(""), func.count(), null())
    state_and_sink = (deliveries.c.state, deliveries.c.sink)
    undelivered = select(*state_and_sink, func.count(), func.min(deliveries.c.pending_since))
    missing = select(*map(literal, _MISSING), func.count(), null()).where(is_missing)
    return union_all(
        oldest_waiting,
        missing,
        under_way.where(state.in_(_UNDER_WAY)).group_by(state),
        undelivered.where(is_undelivered).group_by(*state_and_sink),
        select(counters.c.name, literal(""), counters.c.value, null()),
    )


def census_of(rows: Iterable[Counted], sinks: Iterable[str]) -> Census:
    """Return the census of the query's rows, with a zero where nothing is."""
    numbers = {(name, sink): number for name, sink, number, _ in rows}
    since = {(name, sink): moment for name, sink, _, moment in rows if moment}
    known = {name.removeprefix(DELIVERIES) for name, _ in numbers if name.startswith(DELIVERIES)}
    pending = [moment for (name, _), moment in since.items() if name == DeliveryState.PENDING]
    return Census(
        ingests={state: numbers.get((INGESTS + state, ""), 0) for state in State},
        deliveries=_deliveries(numbers, known.union(sinks)),
        oldest_waiting_at=since.get(_OLDEST_WAITING),
        oldest_undelivered_at=min(pending, default=None),
        missing=numbers.get(_MISSING, 0),
    )


def _deliveries(numbers: Mapping[tuple[str, str], int], sinks: set[str]) -> dict[tuple[str, str], int]:
    """Return the number for each sink and state; delivered is what is neither pending nor dead."""
    found: dict[tuple[str, str], int] = {}
    for sink in sinks:
        open_ = {state: numbers.get((state, sink), 0) for state in (DeliveryState.PENDING, DeliveryState.DEAD)}
        delivered = numbers.get((DELIVERIES + sink, ""), 0) - sum(open_.values())
        found |= {(sink, str(state)): number for state, number in open_.items()}
        found[sink, str(DeliveryState.DELIVERED)] = delivered
    return found
