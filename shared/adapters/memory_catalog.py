"""MemoryCatalog: the port's promises in memory, for tests that need no database; all is gone with the process.

No method awaits anything, so on one event loop each of them is as atomic as a transaction.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.errors import DuplicateIngest, LeaseLost, NotFound, StaleState
from shared.events import Delivery, DeliveryState, Event
from shared.ids import first_id_at
from shared.ingest import MAX_PRIORITY, MISSING, SETTLED, Ingest, Move, Preview, State
from shared.ports import ANY_SIZE, Census, Due, IdempotencyKey, Listing, Undelivered
from shared.ports.catalog_values import share

_OPEN = {State.RECEIVED, State.PROCESSING}
_FILTERS = ("state", "media_type", "sha256", "filename")


@dataclass
class _Attempt:
    """A delivery with what only the catalog knows of it."""

    delivery: Delivery
    event: Event
    token: int = 0


class MemoryCatalog:
    """Catalog without a database; each event gets a pending delivery for each of `sinks`."""

    def __init__(self, sinks: tuple[str, ...] = ()) -> None:
        self._sinks = sinks
        self._ingests: dict[str, Ingest] = {}
        self._moves: dict[str, list[Move]] = {}
        self._events: list[Event] = []
        self._attempts: dict[tuple[str, str], _Attempt] = {}
        self._keys: dict[tuple[str, str], tuple[Ingest, IdempotencyKey]] = {}

    async def record(self, ingest: Ingest, key: IdempotencyKey | None = None, detail: str | None = None) -> None:
        """See the port."""
        if key and (known := self._keys.get((ingest.principal, key.key))):
            raise DuplicateIngest(known[0].id, known[1].fingerprint)
        if ingest.id in self._ingests:
            raise StaleState("It is already recorded.")
        self._keep(ingest)
        if key:
            self._keys[ingest.principal, key.key] = ingest, key
        started = ingest.state == State.RECEIVING
        self._move(ingest.id, ingest.created_at, None, State.RECEIVING, detail if started else None)
        if not started:
            self._move(ingest.id, ingest.updated_at, State.RECEIVING, ingest.state, detail)

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
        return sorted(row.id for row in self._ingests.values() if _is_missing(row))[:limit]

    async def note_missing(self, ingest_id: str, *, missing: bool) -> bool:
        """See the port."""
        row = self._ingests.get(ingest_id)
        if row is None or row.state not in SETTLED or not row.keeps_bytes or _is_missing(row) == missing:
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

    async def save(
        self, before: Ingest, after: Ingest, event: Event | None = None, detail: str | None = None
    ) -> Event | None:
        """See the port."""
        row = await self.get(before.id)
        if (row.state, row.token) != (before.state, before.token):
            raise StaleState(f"It is {row.state} by now.")
        self._keep(after)
        if before.state != after.state:
            self._move(after.id, after.updated_at, before.state, after.state, detail)
        return self._add(event) if event else None

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
        self,
        now: datetime,
        until: datetime,
        limit: int,
        event_id: str | None = None,
        but_not: Collection[str] = (),
    ) -> list[Due]:
        """See the port."""
        pending = [each for each in self._in_state(DeliveryState.PENDING) if event_id in {None, each.event.id}]
        sinks = {each.delivery.sink for each in pending} - set(but_not)
        due = []
        for sink in sinks:
            own = [each for each in pending if each.delivery.sink == sink and each.delivery.next_attempt_at <= now]
            own.sort(key=lambda each: each.delivery.next_attempt_at)
            due += own[: share(limit, len(sinks))]
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

    async def forget_keys(self, before: datetime) -> int:
        """See the port."""
        old = [name for name, (ingest, _) in self._keys.items() if ingest.created_at < before]
        for name in old:
            del self._keys[name]
        return len(old)

    async def census(self, now: datetime) -> Census:  # noqa: ARG002  (the port's: another catalog may need it)
        """See the port."""
        states = Counter(ingest.state for ingest in self._ingests.values())
        sent = Counter((each.delivery.sink, each.delivery.state) for each in self._attempts.values())
        sinks = {sink for sink, _ in sent}.union(self._sinks)
        waiting = [row.updated_at for row in self._ingests.values() if row.state == State.RECEIVED]
        pending = [each.delivery.pending_since for each in self._in_state(DeliveryState.PENDING)]
        return Census(
            ingests={state: states[state] for state in State},
            deliveries={(sink, str(state)): sent[sink, state] for sink in sinks for state in DeliveryState},
            oldest_waiting_at=min(waiting, default=None),
            oldest_undelivered_at=min(pending, default=None),
            missing=sum(map(_is_missing, self._ingests.values())),
        )

    async def ping(self) -> None:
        """See the port."""

    def _keep(self, ingest: Ingest) -> None:
        if ingest.state in _OPEN and ingest.due_at is None:
            raise ValueError(f"{ingest.state} without due_at: the sweeper would never find it.")
        self._ingests[ingest.id] = ingest

    def _move(self, ingest_id: str, at: datetime, before: State | None, after: State, detail: str | None) -> None:
        history = self._moves.setdefault(ingest_id, [])
        history.append(Move(ingest_id, len(history) + 1, at, before, after, detail))

    def _due(self, state: State, now: datetime) -> list[Ingest]:
        found = ((row.due_at, row) for row in self._ingests.values() if row.state == state and row.due_at)
        return [row for due_at, row in sorted(found, key=lambda each: each[0]) if due_at <= now]

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


def _is_missing(ingest: Ingest) -> bool:
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
