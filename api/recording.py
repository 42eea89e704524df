"""Recording: an upload's end as one commit; it leaves the bytes, and the ring that follows, to intake."""

import hashlib
import json
import logging
from datetime import UTC, datetime
from typing import Any

from shared import metrics
from shared.errors import DuplicateIngest, IdempotencyKeyReused, OutcomeUnknown, SenderError, Unavailable
from shared.ingest import Ingest, State
from shared.ports import IdempotencyKey
from shared.ringing import RING_GRACE
from shared.wiring import Services

log = logging.getLogger(__name__)


def as_received(ingest: Ingest, size: int, sha256: str | None, priority: int, **changes: Any) -> Ingest:
    """Return the ingest with what is known once its last byte is stored."""
    now = datetime.now(UTC)
    known = {"size": size, "sha256": sha256, "priority": priority, "received_at": now, "due_at": now + RING_GRACE}
    return ingest.moved(State.RECEIVED, now, **known, **changes)


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


def surely_not_recorded(fault: BaseException) -> bool:
    """Tell whether `record` broke off before its commit. Else the row may be there, and its bytes have to stay."""
    return isinstance(fault, SenderError | Unavailable) and not isinstance(fault, OutcomeUnknown)


async def record_aborted(ingest: Ingest, reason: str, services: Services) -> None:
    """Leave a trace of an upload that broke off; its bytes are gone already."""
    metrics.aborted.labels(reason).inc()
    now = datetime.now(UTC)
    try:
        await services.catalog.record(ingest.moved(State.ABORTED, now, completed_at=now), detail=reason)
    except Unavailable as fault:
        log.warning("an aborted upload could not be recorded: %s", fault, extra={"ingest_id": ingest.id})


def _fingerprint(ingest: Ingest) -> str:
    """Tell one file from another under the same idempotency key: the bytes, the name, the type and the labels."""
    parts = (ingest.sha256, ingest.original_filename, ingest.declared_type, sorted(ingest.labels.items()))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
