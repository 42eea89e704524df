"""Notifying: due deliveries to their sinks, each on its own back-off; it leaves the wire to the sinks."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared import metrics
from shared.errors import IngestionError, Unavailable
from shared.events import Delivery, DeliveryState
from shared.ports import Due
from shared.ports.catalog_values import share
from shared.wiring import Services
from workers.backoff import backoff

BATCH = 20
BATCHES_SECONDS = 5.0
"""How long full batches follow each other: what an outage of Perception has piled up is gone soon after it."""
CLAIM_MARGIN_SECONDS = 20
"""How much longer a claim holds than one attempt may take."""
LET_GO_SECONDS = 1.0
"""For handing back at a stop."""

log = logging.getLogger(__name__)


async def notify(services: Services) -> int:
    """Deliver what is due, batch after batch; return how many attempts were made.

    A sink that rests is left out: its deliveries stay due, and its outage uses up no attempts of theirs.
    Safe to call any number of times, at once and late: only who claims a delivery attempts it.
    """
    until, attempts, begun = time.monotonic() + BATCHES_SECONDS, 0, datetime.now(UTC)
    try:
        while time.monotonic() < until and (due := await _claimed(begun, services)):
            await _attempt_all(due, services)
            attempts += len(due)
            if len(due) < share(BATCH, len(services.sinks)):  # no sink can have more
                break
    except Unavailable as fault:
        log.warning("nothing more is delivered: %s", fault)
    return attempts


async def _claimed(begun: datetime, services: Services) -> list[Due]:
    """Claim what was due when this call began: what fails now is another call's."""
    claim = timedelta(seconds=services.settings.delivery_timeout_seconds + CLAIM_MARGIN_SECONDS)
    resting = {sink.name for sink in services.sinks.values() if sink.resting}
    return await services.catalog.due_deliveries(begun, datetime.now(UTC) + claim, BATCH, but_not=resting)


async def _attempt_all(due: Sequence[Due], services: Services) -> None:
    try:
        await asyncio.gather(*(_attempt(one, services) for one in due))
    except asyncio.CancelledError:
        await _let_go(due, services)
        raise


async def _let_go(due: Sequence[Due], services: Services) -> None:
    """End the claims on what was not reported, since this worker stops: due at once, and the attempt doesn't count."""
    now = datetime.now(UTC)
    try:
        async with asyncio.timeout(LET_GO_SECONDS):
            for one in due:
                await services.catalog.report(one, replace(one.delivery, next_attempt_at=now))
    except (IngestionError, TimeoutError) as fault:
        log.warning("not handed back, the claims end by time: %r", fault)


async def _attempt(due: Due, services: Services) -> None:
    outcome = await _outcome(due, services)
    metrics.delivery_attempts.labels(outcome.sink, outcome.state).inc()
    if outcome.state is DeliveryState.DELIVERED:
        metrics.delivery_seconds.labels(outcome.sink).observe((datetime.now(UTC) - due.event.time).total_seconds())
    about = {"event_id": outcome.event_id, "sink": outcome.sink}
    try:
        if not await services.catalog.report(due, outcome):
            log.warning("a delivery was reported too late", extra=about)
    except Unavailable as fault:  # the others must be waited for; this one is due again when its claim ends
        log.warning("a delivery could not be reported: %s", fault, extra=about)


async def _outcome(due: Due, services: Services) -> Delivery:
    """Try once and say how it went."""
    tried = replace(due.delivery, attempts=due.delivery.attempts + 1)
    sink = services.sinks.get(tried.sink)
    if sink is None:
        return _later(tried, "This sink is no longer in PERCEPTION_SINKS.", services)
    try:
        await sink.deliver(due.event)
    except IngestionError as fault:
        return _later(tried, fault.detail, services)
    except Exception as error:  # whatever else it is, it counts as an attempt: nothing is tried for ever
        log.exception("unforeseen: %s", type(error).__name__)
        return _later(tried, f"Unforeseen: {type(error).__name__}.", services)
    return replace(tried, state=DeliveryState.DELIVERED, delivered_at=datetime.now(UTC), last_error=None)


def _later(tried: Delivery, error: str, services: Services) -> Delivery:
    """Return the delivery to be tried again, or dead after its last attempt."""
    settings = services.settings
    log.warning("not delivered: %s", error, extra={"sink": tried.sink, "attempts": tried.attempts})
    if tried.attempts >= settings.delivery_attempts:
        return replace(tried, state=DeliveryState.DEAD, last_error=error)
    next_attempt_at = datetime.now(UTC) + backoff(tried.attempts, settings.delivery_retry_seconds)
    return replace(tried, next_attempt_at=next_attempt_at, last_error=error)
