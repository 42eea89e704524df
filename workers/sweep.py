"""Sweeping: what was lost on the way is found in the catalog and rung again; it leaves deliveries to `notify`."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

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
    """Ring only while few rings wait: behind a backlog more of them would be doubles, and what was lost comes later."""
    room = BATCH - await services.queue.depth()
    if room <= 0:
        return
    next_ring = now + timedelta(seconds=services.settings.lease_seconds)
    for ingest in await services.catalog.waiting(now, next_ring, room):
        await services.queue.enqueue(ingest)
        metrics.rung_again.inc()


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
