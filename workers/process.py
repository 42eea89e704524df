"""Processing one ingest: claim ▸ verify ▸ examine ▸ settle; it leaves the bytes to the cage and previews to preview.py.

Whose fault it is decides the end: the file's is `rejected`; ours is tried again and ends as `failed`.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shared import metrics
from shared.errors import (
    IngestionError,
    LeaseLost,
    NotFound,
    StaleState,
    StoredBytesDiffer,
    StoredBytesMissing,
    Unavailable,
)
from shared.events import Event
from shared.ids import parse_id
from shared.ingest import Ingest, Reason, State, Verdict
from shared.wiring import Services
from workers.backoff import backoff
from workers.examine.examination import Claim, Examination, Examine
from workers.lease import leased
from workers.placing import place
from workers.preview import wanting
from workers.room import Room
from workers.verdict import judged

LET_GO_SECONDS = 1.0
"""For handing back at a stop: a worker has to be gone in time."""
_REASONS = MappingProxyType(
    {StoredBytesDiffer: Reason.STORED_BYTES_DIFFER, StoredBytesMissing: Reason.STORED_BYTES_MISSING}
)

log = logging.getLogger(__name__)


async def process(room: Room, ingest_id: str) -> dict[str, Any] | None:
    """Bring a received ingest to its end and return its event's data; None where that is another's to do.

    Safe to call any number of times, at once, late and with anything: only who claims the ingest works on it.
    """
    services = room.services
    try:
        ingest = await services.catalog.get(parse_id(str(ingest_id)))
        if ingest.state is not State.RECEIVED:
            return await _told_before(ingest, services)
        claimed = await claim(ingest, services)
    except NotFound:
        log.warning("asked for an ingest that the catalog does not know")
    except StaleState:
        log.info("another worker was faster")
    except Unavailable as fault:
        log.warning("nothing is begun, the sweeper asks again: %s", fault)
    else:
        return await _ended(claimed, room)
    return None


async def _ended(claimed: Ingest, room: Room) -> dict[str, Any] | None:
    """Work on a claimed ingest; where it is another's by now, leave its bytes where its row says."""
    try:
        return await _worked(claimed, room)
    except (LeaseLost, StaleState) as fault:
        metrics.attempts_failed.labels("lease_lost").inc()
        log.warning("the result is dropped: %s", fault)
        await _placed(claimed.id, room.services)
    except Unavailable as fault:
        log.warning("nothing could be committed, the lease will end: %s", fault)
    return None


async def claim(ingest: Ingest, services: Services) -> Ingest:
    """Take the lease: one more attempt, a new fencing token. Raise StaleState where another was faster."""
    now = datetime.now(UTC)
    until = now + timedelta(seconds=services.settings.lease_seconds)
    claimed = ingest.moved(
        State.PROCESSING,
        now,
        attempts=ingest.attempts + 1,
        token=ingest.token + 1,
        holder=services.presence.name,
        due_at=until,
        why=None,
    )
    await services.catalog.save(ingest, claimed, detail=f"attempt {claimed.attempts}")
    return claimed


async def _worked(claimed: Ingest, room: Room) -> dict[str, Any] | None:
    services = room.services
    try:
        async with leased(claimed, services.catalog, services.settings.lease_seconds):
            sha256, found = await _examined(claimed, room)
        settled = wanting(_settled(claimed, sha256, found, services), services.settings)
        return await settle(claimed, settled, services)
    except asyncio.CancelledError:
        await let_go(claimed, services)
        raise
    except (LeaseLost, StaleState):
        raise
    except IngestionError as fault:
        return await hand_back(claimed, fault, services)
    except Exception as error:  # whatever else it is, it is ours: tried again, and failed in the end
        log.exception("unforeseen: %s", type(error).__name__)
        return await hand_back(claimed, IngestionError(f"Unforeseen: {type(error).__name__}."), services)


async def _examined(claimed: Ingest, room: Room) -> tuple[str, Examination]:
    if claimed.overridden:
        await room.services.store.bring_back(claimed.id)
        metrics.quarantine_moves.labels("brought_back").inc()
    async with _stored(claimed, room.services) as path:
        with metrics.stage_seconds.labels("verify").time():
            sha256 = await asyncio.to_thread(verify, path, claimed)
        with metrics.stage_seconds.labels("examine").time():
            question = Examine(claim=_claim(claimed), keep_location=room.services.settings.keep_location)
            return sha256, await room.cage.examine(path, question)


@asynccontextmanager
async def _stored(claimed: Ingest, services: Services) -> AsyncIterator[Path]:
    """Lend the stored bytes. Raise StoredBytesMissing: tried again, since a disk that is away may come back."""
    try:
        async with services.store.local_path(claimed.id) as path:
            yield path
    except (NotFound, FileNotFoundError) as fault:
        raise StoredBytesMissing from fault


def _claim(claimed: Ingest) -> Claim:
    """Return what the sender says of the file; nothing, where an operator lets content pass that is something else."""
    if Reason.CONTENT_MISMATCH in claimed.overridden:
        return Claim()
    return Claim(declared_type=claimed.declared_type, filename=claimed.filename)


def verify(path: Path, claimed: Ingest) -> str:
    """Return the digest of the stored bytes. Raise StoredBytesDiffer unless they are those of the receipt.

    One that came in parts may have been received without a digest: it has this one from its end on.
    """
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
    if (size, actual) != (claimed.size, claimed.sha256 or actual):
        raise StoredBytesDiffer(f"Stored are {size} bytes with SHA-256 {actual}.")
    return actual


def _settled(claimed: Ingest, sha256: str, found: Examination, services: Services) -> Ingest:
    """Return the ingest in the end that the examination means."""
    now = datetime.now(UTC)
    verdict = judged(claimed, found, services.policy)
    rejected = bool(verdict.reasons)
    return claimed.moved(
        State.REJECTED if rejected else State.COMPLETED,
        now,
        completed_at=now,
        due_at=None,
        sha256=sha256,
        media_type=found.media_type,
        kind=found.kind,
        metadata=found.metadata.model_dump(mode="json") if found.metadata and not rejected else None,
        verdict=verdict,
        quarantined_until=services.quarantine.until(verdict.reasons, now),
    )


async def settle(before: Ingest, after: Ingest, services: Services) -> dict[str, Any]:
    """Commit the end with its event, count it, and ask for the delivery, then for the preview."""
    draft = Event.of(after, uri=services.store.uri(after.id), base_url=services.settings.base_url)
    event = await services.catalog.save(before, after, draft, detail=after.verdict.detail) or draft
    reason = after.verdict.reasons[0] if after.verdict.reasons else "none"
    metrics.verdicts.labels(after.state, reason).inc()
    log.info("settled", extra={"state": after.state, "reason": reason, "media_type": after.media_type})
    if after.state is State.REJECTED:
        await _placed(after.id, services)
    try:
        await services.queue.enqueue_notify(event.id)
        if after.preview:
            await services.queue.enqueue_preview(after.id)
    except Unavailable as fault:
        log.warning("the delivery or the preview waits for the sweeper: %s", fault)
    return event.data.model_dump(mode="json")


async def _placed(ingest_id: str, services: Services) -> None:
    """Put the bytes where the row says; where that fails, `reconcile` does it later."""
    try:
        await place(ingest_id, services)
    except IngestionError as fault:
        log.warning("the bytes wait for reconcile: %s", fault)


async def hand_back(claimed: Ingest, fault: IngestionError, services: Services) -> dict[str, Any] | None:
    """Let go of an ingest that we failed: to be tried again later, or failed once the attempts are used up."""
    settings = services.settings
    metrics.attempts_failed.labels(fault.code).inc()
    log.log(fault.log_level, "attempt %d failed: %s", claimed.attempts, fault, exc_info=fault)
    if claimed.attempts >= settings.max_attempts:
        return await settle(claimed, exhausted(claimed, fault), services)
    now = datetime.now(UTC)
    due_at = now + backoff(claimed.attempts, settings.retry_seconds)
    why = f"attempt {claimed.attempts} failed ({fault.code})."
    await services.catalog.save(claimed, claimed.moved(State.RECEIVED, now, due_at=due_at, why=why), detail=why)
    return None


async def let_go(claimed: Ingest, services: Services) -> None:
    """Hand an ingest back at once, since this worker stops: no fault of anybody's, so the attempt doesn't count."""
    now, why = datetime.now(UTC), "handed back: the worker stopped"
    again = claimed.moved(State.RECEIVED, now, due_at=now, attempts=claimed.attempts - 1, why=why)
    try:
        async with asyncio.timeout(LET_GO_SECONDS):
            await services.catalog.save(claimed, again, detail=why)
            await services.queue.enqueue(again)
    except (IngestionError, TimeoutError) as fault:
        log.warning("not handed back: %r", fault)
    else:
        log.info(why)


def exhausted(claimed: Ingest, fault: IngestionError) -> Ingest:
    """Return the ingest as failed, with what the last attempt met."""
    now = datetime.now(UTC)
    reason = _REASONS.get(type(fault), Reason.ATTEMPTS_EXHAUSTED)
    return claimed.moved(
        State.FAILED, now, completed_at=now, due_at=None, verdict=Verdict((reason,), f"{fault.code}: {fault.detail}")
    )


async def _told_before(ingest: Ingest, services: Services) -> dict[str, Any] | None:
    """Answer a late or doubled message: what was told stands, unless it is being worked on again."""
    if ingest.state is State.PROCESSING:
        return None
    event = await services.catalog.event_of(ingest.id)
    return event.data.model_dump(mode="json") if event else None
