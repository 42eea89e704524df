"""Sweeping: what was lost on the way is found in the catalog and rung again; it leaves deliveries to `notify`."""

import logging
import sys
from bisect import bisect_left
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from shared import metrics
from shared.errors import IngestionError, StaleState
from shared.ingest import Ingest, State
from shared.wiring import Services
from workers import preview
from workers.placing import place
from workers.process import exhausted, settle

BATCH = 200

log = logging.getLogger(__name__)


class WorkerWentSilent(IngestionError):
    """The worker died, or lost the catalog, in the middle of its attempt."""

    code = "worker_went_silent"
    title = "The worker went silent"


async def sweep(services: Services) -> None:
    """Take back expired leases, then ring for what is due and for lost previews. Two sweepers at once do no harm."""
    now = datetime.now(UTC)
    for ingest in await services.catalog.expired_leases(now, BATCH):
        await _take_back(ingest, now, services)
    await _ring_again(now, services)
    for ingest_id in await services.catalog.end_quarantine(now, BATCH):
        await services.store.delete(ingest_id)
        metrics.quarantine_moves.labels("ended").inc()
        log.info("its quarantine has ended", extra={"ingest_id": ingest_id})
    await preview.ring_again(now, BATCH, services)


async def _ring_again(now: datetime, services: Services) -> None:
    """Ring in each size class, so that a queue of large files holds up no ring of a small one."""
    depth, large_bytes = await services.queue.depth(), services.settings.large_bytes
    for rings, sizes in ((depth.small, range(large_bytes)), (depth.large, range(large_bytes, sys.maxsize))):
        last, room = ringable(rings)
        next_ring = now + timedelta(seconds=services.settings.lease_seconds)
        for ingest in await services.catalog.waiting(now, next_ring, room, last=last, sizes=sizes) if room else ():
            await services.queue.enqueue(ingest)
            metrics.rung_again.inc()


def ringable(rings: Sequence[int]) -> tuple[int, int]:
    """Return the last priority that is worth a ring, and how many rings there is room for.

    Only while few rings are ahead: behind a backlog more of them would be doubles, and what was lost comes later.
    What waits after an ingest doesn't count, so that a lost ring of an urgent one is made up for at once.
    """
    ahead = list(accumulate(rings))
    last = bisect_left(ahead, BATCH) - 1
    return last, BATCH - ahead[last] if last >= 0 else 0


async def _take_back(ingest: Ingest, now: datetime, services: Services) -> None:
    """Make an ingest whose worker went silent available again, or failed once the attempts are used up."""
    metrics.lease_expiries.inc()
    log.warning("lease expired", extra={"ingest_id": ingest.id, "attempts": ingest.attempts})
    fault = WorkerWentSilent()
    try:
        if ingest.attempts >= services.settings.max_attempts:
            await settle(ingest, exhausted(ingest, fault), services)
        else:
            why = f"attempt {ingest.attempts} ended without a result."
            again = ingest.moved(State.RECEIVED, now, due_at=now, why=why)
            await services.catalog.save(ingest, again, detail=fault.code)
    except StaleState:
        log.info("it has just moved on", extra={"ingest_id": ingest.id})


async def reconcile(services: Services) -> None:
    """Remove bytes that no row keeps, put the others where their row says, and forget old idempotency keys."""
    now = datetime.now(UTC)
    before = now - timedelta(seconds=services.settings.orphan_seconds)
    async for some in _batches(services.store.abandoned(before)):
        for ingest_id in await _kept(some, services) & await services.catalog.quarantined(some):
            await place(ingest_id, services)
    async for some in _batches(services.store.in_quarantine()):
        for ingest_id in await _kept(some, services) - await services.catalog.quarantined(some):
            await place(ingest_id, services)
    await services.catalog.forget_keys(now - timedelta(hours=services.settings.idempotency_hours))


async def _kept(ingest_ids: list[str], services: Services) -> set[str]:
    """Return those whose bytes a row keeps; remove the bytes of the others."""
    kept = await services.catalog.known(ingest_ids)
    for orphan in set(ingest_ids) - kept:
        await services.store.delete(orphan)
        metrics.orphans_removed.inc()
        log.warning("removed bytes that no row keeps", extra={"ingest_id": orphan})
    return kept


async def _batches(ingest_ids: AsyncIterator[str]) -> AsyncIterator[list[str]]:
    listed = [ingest_id async for ingest_id in ingest_ids]
    for start in range(0, len(listed), BATCH):
        yield listed[start : start + BATCH]
