"""Reconciling disk and catalog, both ways; it leaves what waits or went silent to `sweep`.

Each object has its row and its place, each row its bytes. Two that reconcile at once do no harm.
"""

import logging
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from shared import metrics
from shared.errors import StoredBytesMissing
from shared.wiring import Services
from workers.placing import place

BATCH = 200
PAGE = 1000
LOOKED_THROUGH = 10_000
"""How many of the newest ended ingests are asked for their bytes: the cost must not grow with the catalog."""
TOLD_ONE_BY_ONE = 20
"""Where a whole disk is away, the log needs no line for each file."""
HALF_WRITTEN_SECONDS = 5
"""A writer locks what it writes, and the lock dies with it; this is for the moment before it has it."""

log = logging.getLogger(__name__)

Found = Counter[str]


async def reconcile(services: Services) -> None:
    """Put right, or note, whatever is amiss; say once in the log what that was. Forget old idempotency keys."""
    now, found = datetime.now(UTC), Found()
    await _remove_half_written(now, found, services)
    await _look_at_abandoned(now, found, services)
    await _look_into_quarantine(found, services)
    await _look_for_missing(found, services)
    await _forget(now, services)
    for name, number in found.items():
        metrics.reconciled.labels(name).inc(number)
    if found:
        log.warning("reconciled disk and catalog", extra=dict(found))


async def _remove_half_written(now: datetime, found: Found, services: Services) -> None:
    before = now - timedelta(seconds=HALF_WRITTEN_SECONDS)
    async for some in _batches(services.store.unfinished(before)):
        await _kept(some, "half_written", found, services)


async def _look_at_abandoned(now: datetime, found: Found, services: Services) -> None:
    before = now - timedelta(seconds=services.settings.orphan_seconds)
    async for some in _batches(services.store.abandoned(before)):
        kept = await _kept(some, "orphan", found, services)
        for ingest_id in kept & await services.catalog.quarantined(some):
            await place(ingest_id, services)
            found["not_put_away"] += 1


async def _look_into_quarantine(found: Found, services: Services) -> None:
    async for some in _batches(services.store.in_quarantine()):
        kept = await _kept(some, "orphan", found, services)
        for ingest_id in kept - await services.catalog.quarantined(some):
            await place(ingest_id, services)
            found["not_brought_back"] += 1


async def _look_for_missing(found: Found, services: Services) -> None:
    """Note which of the newest ended ingests miss their bytes, and of which noted ones they are there again."""
    noted = await services.catalog.missing(LOOKED_THROUGH)
    for ingest_id in set(noted) - await services.store.missing(noted):
        if await services.catalog.note_missing(ingest_id, missing=False):
            found["reappeared"] += 1
            log.info("the stored bytes are there again", extra={"ingest_id": ingest_id})
    async for some in _ended(services):
        for ingest_id in await services.store.missing(some):
            if await services.catalog.note_missing(ingest_id, missing=True):
                found["missing"] += 1
                if found["missing"] <= TOLD_ONE_BY_ONE:
                    log.log(StoredBytesMissing.log_level, StoredBytesMissing.title, extra={"ingest_id": ingest_id})


async def _ended(services: Services) -> AsyncIterator[list[str]]:
    before: str | None = None
    for _ in range(LOOKED_THROUGH // PAGE):
        some = await services.catalog.kept(before, PAGE)
        if not some:
            return
        yield some
        before = some[-1]


async def _forget(now: datetime, services: Services) -> None:
    """Forget idempotency keys that are too old, and dead worker slots that no ingest names."""
    await services.catalog.forget_keys(now - timedelta(hours=services.settings.idempotency_hours))
    gone = services.presence.gone(LOOKED_THROUGH)
    if gone:
        services.presence.forget(gone - await services.catalog.holders())


async def _kept(ingest_ids: list[str], name: str, found: Found, services: Services) -> set[str]:
    """Return those whose bytes a row keeps; remove the bytes of the others."""
    kept = await services.catalog.known(ingest_ids)
    for orphan in set(ingest_ids) - kept:
        await services.store.delete(orphan)
        found[name] += 1
        log.warning("removed bytes that no row keeps", extra={"ingest_id": orphan})
    return kept


async def _batches(ingest_ids: AsyncIterator[str]) -> AsyncIterator[list[str]]:
    listed = [ingest_id async for ingest_id in ingest_ids]
    for start in range(0, len(listed), BATCH):
        yield listed[start : start + BATCH]
