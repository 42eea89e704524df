"""Ringing: asks the back room for what the catalog has committed; it leaves what is not heard to the sweeper."""

import logging
from datetime import timedelta

from shared import metrics
from shared.errors import Unavailable
from shared.ingest import Ingest
from shared.wiring import Services

RING_GRACE = timedelta(seconds=1)
"""How long the sweeper leaves a fresh ingest to the ring that follows its commit."""

log = logging.getLogger(__name__)


async def ring(ingest: Ingest, services: Services) -> bool:
    """Ask for a worker, and return whether the queue took it; where it is away, the sweeper asks again."""
    try:
        await services.queue.enqueue(ingest)
    except Unavailable as fault:
        metrics.unrung.inc()
        log.warning("could not enqueue, the sweeper will: %s", fault, extra={"ingest_id": ingest.id})
        return False
    return True


async def ring_notify(event_id: str, services: Services) -> bool:
    """Ask for a delivery, and return whether the queue took it; where it is away, the next beat delivers."""
    try:
        await services.queue.enqueue_notify(event_id)
    except Unavailable as fault:
        log.warning("the delivery waits for the next beat: %s", fault, extra={"event_id": event_id})
        return False
    return True
