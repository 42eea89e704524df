"""MemoryCatalog: the port's promises in memory, for tests that need no database; all is gone with the process."""

from collections import Counter
from datetime import datetime

from shared.adapters.memory_catalog.deliveries import MemoryDeliveries
from shared.adapters.memory_catalog.ingests import MemoryIngests, is_missing
from shared.adapters.memory_catalog.uploads import MemoryUploads
from shared.errors import DuplicateIngest, StaleState
from shared.events import DeliveryState, Event
from shared.ingest import Ingest, State
from shared.ports import Census, IdempotencyKey
from shared.resumable import Resumable


class MemoryCatalog(MemoryIngests, MemoryUploads, MemoryDeliveries):
    """Catalog without a database; each event gets a pending delivery for each of `sinks`."""

    def __init__(self, sinks: tuple[str, ...] = ()) -> None:
        MemoryIngests.__init__(self)
        MemoryDeliveries.__init__(self, sinks)

    async def record(
        self,
        ingest: Ingest,
        key: IdempotencyKey | None = None,
        detail: str | None = None,
        resumable: Resumable | None = None,
    ) -> None:
        """See the port."""
        if key and (known := self._keys.get((ingest.principal, key.key))):
            raise DuplicateIngest(known[0].id, known[1].fingerprint)
        if ingest.id in self._ingests:
            raise StaleState("It is already recorded.")
        self._keep(ingest)
        if key:
            self._keys[ingest.principal, key.key] = ingest, key
        if resumable:
            self._uploads[ingest.id] = resumable
        started = ingest.state == State.RECEIVING
        self._move(ingest.id, ingest.created_at, None, State.RECEIVING, detail if started else None)
        if not started:
            self._move(ingest.id, ingest.updated_at, State.RECEIVING, ingest.state, detail)

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
            missing=sum(map(is_missing, self._ingests.values())),
        )

    async def ping(self) -> None:
        """See the port."""
