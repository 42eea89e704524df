"""The memory catalog's part for events and deliveries; it leaves ingests to `ingests` and sending to the sinks."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from shared.events import Delivery, DeliveryState, Event
from shared.ports import Due, Undelivered


@dataclass
class _Attempt:
    """A delivery with what only the catalog knows of it."""

    delivery: Delivery
    event: Event
    token: int = 0


class MemoryDeliveries:
    """See `shared.ports.Catalog`; each event gets a pending delivery for each of `sinks`."""

    def __init__(self, sinks: tuple[str, ...]) -> None:
        self._sinks = sinks
        self._events: list[Event] = []
        self._attempts: dict[tuple[str, str], _Attempt] = {}

    async def event_of(self, ingest_id: str) -> Event | None:
        """See the port."""
        return next((event for event in reversed(self._events) if event.subject == ingest_id), None)

    async def events(self, after: int, limit: int) -> list[Event]:
        """See the port."""
        return self._events[after : after + limit]

    async def deliveries(self, ingest_id: str) -> list[Delivery]:
        """See the port."""
        found = [each.delivery for each in self._attempts.values() if each.event.subject == ingest_id]
        order = {event.id: event.sequence for event in self._events}
        return sorted(found, key=lambda delivery: (order[delivery.event_id], delivery.sink))

    async def due_deliveries(
        self, now: datetime, until: datetime, limit: int, event_id: str | None = None
    ) -> list[Due]:
        """See the port."""
        due = [
            each
            for each in self._in_state(DeliveryState.PENDING)
            if each.delivery.next_attempt_at <= now and event_id in {None, each.event.id}
        ]
        due.sort(key=lambda each: each.delivery.next_attempt_at)
        return [_claimed(each, until) for each in due[:limit]]

    async def report(self, due: Due, outcome: Delivery) -> bool:
        """See the port."""
        each = self._attempts.get((due.delivery.event_id, due.delivery.sink))
        if each is None or each.token != due.token or each.delivery.state != DeliveryState.PENDING:
            return False
        each.delivery, each.token = outcome, each.token + 1
        return True

    async def revive(self, ingest_id: str, now: datetime) -> int:
        """See the port."""
        dead = [each for each in self._in_state(DeliveryState.DEAD) if each.event.subject == ingest_id]
        for each in dead:
            _revive(each, now)
        return len(dead)

    async def undelivered(self, wanted: Undelivered) -> list[Delivery]:
        """See the port."""
        return [each.delivery for each in self._undelivered(wanted)]

    async def revive_many(self, wanted: Undelivered, now: datetime) -> list[str]:
        """See the port."""
        dead = self._undelivered(replace(wanted, state=DeliveryState.DEAD))
        for each in dead:
            _revive(each, now)
        return [each.event.id for each in dead]

    def _add(self, event: Event) -> Event:
        numbered = event.numbered(len(self._events) + 1)
        self._events.append(numbered)
        for sink in self._sinks:
            new = Delivery(event.id, event.subject, sink, DeliveryState.PENDING, 0, event.time, event.time)
            self._attempts[event.id, sink] = _Attempt(new, numbered)
        return numbered

    def _undelivered(self, wanted: Undelivered) -> list[_Attempt]:
        if wanted.state is DeliveryState.DELIVERED:
            return []
        found = [each for each in self._in_state(wanted.state) if _is_wanted(each.delivery, wanted)]
        return sorted(found, key=lambda each: _place(each.delivery))[: wanted.limit]

    def _in_state(self, state: DeliveryState) -> Iterable[_Attempt]:
        return [each for each in self._attempts.values() if each.delivery.state == state]


def _claimed(each: _Attempt, until: datetime) -> Due:
    each.token += 1
    each.delivery = replace(each.delivery, next_attempt_at=until)
    return Due(each.delivery, each.event, each.token)


def _revive(dead: _Attempt, now: datetime) -> None:
    pending = replace(dead.delivery, state=DeliveryState.PENDING, next_attempt_at=now)
    dead.delivery = replace(pending, attempts=0, pending_since=now)


def _place(delivery: Delivery) -> tuple[str, datetime, str]:
    return delivery.sink, delivery.pending_since, delivery.event_id


def _is_wanted(delivery: Delivery, wanted: Undelivered) -> bool:
    after = wanted.since is None or delivery.pending_since >= wanted.since
    before = wanted.until is None or delivery.pending_since < wanted.until
    behind = wanted.after is None or _place(delivery) > wanted.after
    return after and before and behind and wanted.sink in {None, delivery.sink}
