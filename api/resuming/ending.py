"""The ends of an upload: received, rejected as empty, or ended without; it leaves taking its bytes to `appending`."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from api.intake import Sender
from api.recording import as_received
from api.resuming.holding import Held
from api.resuming.values import Standing
from shared import metrics
from shared.digest import Hasher, sha256_digest
from shared.errors import DigestMismatch, StaleState, UploadGone
from shared.events import Event
from shared.ingest import WITHOUT_BYTES, Ingest, Reason, State, Verdict
from shared.ports import ObjectAppender
from shared.resumable import Resumable
from shared.ringing import ring, ring_notify
from shared.wiring import Services

log = logging.getLogger(__name__)


async def complete(held: Held, sender: Sender, services: Services) -> Standing:
    """Make an upload received whose bytes are all there, and ring for it. Raise DigestMismatch."""
    started, appender = time.perf_counter(), held.appender
    size = await appender.keep()
    if not size:
        return await reject_empty(held.ingest, held.resumable, appender, services)
    sha256 = await _checked_digest(held, sender, services)
    await appender.commit()
    held.feed.whole = Hasher()  # nothing follows that could go on with it
    received = await receive(held.ingest, size, sha256, sender, services)
    await appender.release()
    if received.state is State.RECEIVED:
        await ring(received, services)
        metrics.commit_seconds.observe(time.perf_counter() - started)
    return Standing(received, held.resumable, size)


async def receive(ingest: Ingest, size: int, sha256: str | None, sender: Sender, services: Services) -> Ingest:
    """Commit that an ingest is received whose object is finished; return it, or what somebody else has made of it.

    Raise UploadGone where that is its end.
    """
    priority = sender.turns.take(sender.principal, size, time.monotonic())
    received = as_received(ingest, size, sha256, priority)
    try:
        await services.catalog.save(ingest, received)
    except StaleState:
        return await _moved_on(ingest, services)
    log.info("received", extra={"ingest_id": ingest.id, "size": size, "way": sender.way})
    metrics.received_bytes.labels(sender.way).observe(size)
    return received


async def reject_empty(ingest: Ingest, resumable: Resumable, appender: ObjectAppender, services: Services) -> Standing:
    """End an upload that has no bytes at all: the protocol is content with it, and we take no empty files."""
    rejected = as_empty(ingest)
    event = Event.of(rejected, uri=services.store.uri(ingest.id), base_url=services.settings.base_url)
    try:
        await services.catalog.save(ingest, rejected, event)
    except StaleState:
        rejected = await _moved_on(ingest, services)
    else:
        await ring_notify(event.id, services)
    await appender.discard()
    return Standing(rejected, resumable, 0)


def as_empty(ingest: Ingest) -> Ingest:
    """Return the ingest as it ends where there is not a byte of it."""
    now, verdict = datetime.now(UTC), Verdict((Reason.EMPTY_FILE,))
    return ingest.moved(
        State.REJECTED, now, size=0, sha256=Hasher().sha256, received_at=now, completed_at=now, verdict=verdict
    )


async def end(held: Held, reason: str, services: Services) -> None:
    """End an upload without receiving it. The row goes first: bytes that no row keeps are removed by `reconcile`."""
    now = datetime.now(UTC)
    try:
        await services.catalog.save(held.ingest, held.ingest.moved(State.ABORTED, now, completed_at=now), detail=reason)
    except StaleState:
        log.info("it has ended already", extra={"ingest_id": held.ingest.id})
    metrics.aborted.labels(reason).inc()
    await held.appender.discard()


async def _moved_on(ingest: Ingest, services: Services) -> Ingest:
    now = await services.catalog.get(ingest.id)
    if now.state in WITHOUT_BYTES:
        raise UploadGone
    return now


async def _checked_digest(held: Held, sender: Sender, services: Services) -> str | None:
    """Return the SHA-256 of all bytes, where it is known. Raise DigestMismatch where it is not what was declared."""
    declared = held.resumable.digest or sender.digest
    if held.feed.size == held.appender.offset:
        sha256 = held.feed.sha256
    elif declared:
        sha256 = await digest_of(held.appender.read(0, held.appender.offset))
    else:
        return None  # the worker reads all bytes anyway, and fills it in
    if declared and declared.value != sha256:
        await end(held, "digest_mismatch", services)
        raise DigestMismatch(str(declared), str(sha256_digest(sha256)))
    return sha256


async def digest_of(pieces: AsyncIterator[bytes]) -> str:
    """Return the SHA-256 of bytes that are read again."""
    hasher = Hasher()
    async for piece in pieces:
        await asyncio.to_thread(hasher.update, [piece])
    return hasher.sha256
