"""Sweeping: what was lost on the way is rung again; it leaves deliveries to `notify` and the bytes to `reconcile`."""

import logging
import sys
from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from shared import metrics
from shared.errors import IngestionError, StaleState
from shared.ingest import Ingest, State
from shared.wiring import Services
from workers import preview
from workers.backoff import backoff
from workers.process import exhausted, settle

BATCH = 200
FORGOTTEN = 1000
"""More than uploads end in the time between two sweeps."""
SLOTS = 1000
"""Dead slots that are looked at; `reconcile` forgets those that no ingest names."""
RING_AGAIN = timedelta(seconds=3)
"""How long a ring of ours is given: where it was lost as well, the next one must not wait for a lease."""

log = logging.getLogger(__name__)


class WorkerWentSilent(IngestionError):
    """The worker died, or lost the catalog, in the middle of its attempt."""

    code = "worker_went_silent"
    title = "The worker went silent"


async def sweep(services: Services) -> None:
    """Take back lost leases, ring for what is due and for lost previews, end what has had its time.

    Two sweepers at once do no harm.
    """
    now = datetime.now(UTC)
    gone = services.presence.gone(SLOTS)
    for ingest in await services.catalog.expired_leases(now, BATCH, gone):
        await _take_back(ingest, now, services, gone=ingest.holder in gone)
    await _ring_again(now, services)
    for ingest_id in await services.catalog.end_quarantine(now, BATCH):
        await services.store.delete(ingest_id)
        metrics.quarantine_moves.labels("ended").inc()
        log.info("its quarantine has ended", extra={"ingest_id": ingest_id})
    await _end_uploads(now, services)
    await preview.ring_again(now, BATCH, services)


async def _end_uploads(now: datetime, services: Services) -> None:
    """Forget uploads that are over, and expire those whose sender has not come back.

    The row goes first: bytes that a crash leaves behind are then kept by no row, and `reconcile` removes them.
    """
    await services.catalog.forget_uploads(now, FORGOTTEN)
    for upload in await services.catalog.expire_uploads(now, BATCH):
        await services.store.delete(upload.ingest_id)
        metrics.expired_uploads.labels("part" if upload.is_part else "whole").inc()
        log.info("its upload has expired", extra={"ingest_id": upload.ingest_id})


async def _ring_again(now: datetime, services: Services) -> None:
    """Ring in each size class, so that a queue of large files holds up no ring of a small one.

    Only for as many as wait without a ring: more would be doubles, which cost a worker's time.
    """
    depth, large_bytes = await services.queue.depth(), services.settings.large_bytes
    rings = sum(depth.small) + sum(depth.large)
    lost = await services.catalog.backlog(rings + BATCH) - rings
    for lane, sizes in ((depth.small, range(large_bytes)), (depth.large, range(large_bytes, sys.maxsize))):
        last, room = ringable(lane)
        if (limit := min(room, lost)) > 0:
            for ingest in await services.catalog.waiting(now, now + RING_AGAIN, limit, last=last, sizes=sizes):
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


async def _take_back(ingest: Ingest, now: datetime, services: Services, *, gone: bool) -> None:
    """Make an ingest whose worker went silent available again, or failed once the attempts are used up."""
    metrics.lease_expiries.labels("worker_gone" if gone else "time_over").inc()
    ended = "Its worker's process ended" if gone else "Its lease ended without a word from its worker"
    fault = WorkerWentSilent(f"{ended} in the middle of attempt {ingest.attempts}.")
    log.warning("lease taken back: %s", fault, extra={"ingest_id": ingest.id})
    try:
        if ingest.attempts >= services.settings.max_attempts:
            await settle(ingest, exhausted(ingest, fault), services)
        else:
            await services.catalog.save(ingest, _again(ingest, fault, now, services), detail=fault.code)
    except StaleState:
        log.info("it has just moved on", extra={"ingest_id": ingest.id})


def _again(ingest: Ingest, fault: WorkerWentSilent, now: datetime, services: Services) -> Ingest:
    """Return it as received: due at once after its first attempt, which any worker may lose, then by the back-off."""
    first = ingest.attempts <= 1
    pause = timedelta() if first else backoff(ingest.attempts - 1, services.settings.retry_seconds)
    return ingest.moved(State.RECEIVED, now, due_at=now + pause, why=fault.detail)
