"""Recording: an upload's end as one commit, and the ring that follows; it leaves the bytes to intake."""

import hashlib
import json
import logging
from datetime import UTC, datetime, timedelta

from api.bodies import Upload
from shared import metrics
from shared.digest import Hasher
from shared.errors import DuplicateIngest, IdempotencyKeyReused, Unavailable
from shared.ingest import Ingest, State
from shared.ports import IdempotencyKey
from shared.wiring import Services

RING_GRACE = timedelta(seconds=1)
"""How long the sweeper leaves a fresh ingest to the ring that follows its commit."""

log = logging.getLogger(__name__)


def as_received(ingest: Ingest, upload: Upload, hasher: Hasher) -> Ingest:
    """Return the ingest with what is known once its last byte is stored."""
    now = datetime.now(UTC)
    return ingest.moved(
        State.RECEIVED,
        now,
        size=hasher.size,
        sha256=hasher.sha256,
        labels=upload.labels,
        received_at=now,
        due_at=now + RING_GRACE,
    )


async def record(received: Ingest, idempotency_key: str | None, services: Services) -> Ingest:
    """Commit a received ingest and return it, or the one that the key has already named.

    Raise IdempotencyKeyReused where that is of another file.
    """
    key = IdempotencyKey(idempotency_key, _fingerprint(received)) if idempotency_key else None
    try:
        await services.catalog.record(received, key)
    except DuplicateIngest as first:
        if key is None or first.fingerprint != key.fingerprint:
            raise IdempotencyKeyReused from first
        return await services.catalog.get(first.existing)
    return received


async def record_aborted(ingest: Ingest, reason: str, services: Services) -> None:
    """Leave a trace of an upload that broke off; its bytes are gone already."""
    metrics.aborted.labels(reason).inc()
    now = datetime.now(UTC)
    try:
        await services.catalog.record(ingest.moved(State.ABORTED, now, completed_at=now), detail=reason)
    except Unavailable as fault:
        log.warning("an aborted upload could not be recorded: %s", fault, extra={"ingest_id": ingest.id})


async def ring(ingest: Ingest, services: Services) -> None:
    """Ask for a worker; where the queue is away, the sweeper asks again."""
    try:
        await services.queue.enqueue(ingest)
    except Unavailable as fault:
        metrics.unrung.inc()
        log.warning("could not enqueue, the sweeper will: %s", fault, extra={"ingest_id": ingest.id})


def _fingerprint(ingest: Ingest) -> str:
    """Tell one file from another under the same idempotency key: the bytes, the name, the type and the labels."""
    parts = (ingest.sha256, ingest.original_filename, ingest.declared_type, sorted(ingest.labels.items()))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
