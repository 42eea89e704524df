"""Intake: every upload's one pass (count ▸ limit ▸ sniff ▸ hash ▸ write), its one commit and the ring.

It leaves who may send, and how the bytes were framed, to the routes.
"""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from starlette.requests import ClientDisconnect

from api.bodies import Upload
from api.fairness import Turns
from api.gathering import Gathering
from api.patience import listening
from api.recording import as_received, record, record_aborted, surely_not_recorded
from api.write_behind import WriteBehind
from shared import metrics
from shared.digest import Digest, Hasher, sha256_digest
from shared.errors import (
    DigestMismatch,
    IdleTimeout,
    IncompleteBody,
    Stopping,
    TooSlow,
)
from shared.filenames import safe_filename
from shared.ids import new_id
from shared.ingest import Ingest, State
from shared.ringing import ring
from shared.wiring import Services

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sender:
    """Who sends, and what the request says beside the file."""

    principal: str
    way: str
    traceparent: str
    idempotency_key: str | None = None
    digest: Digest | None = None
    turns: Turns = field(default_factory=Turns)


async def receive(upload: Upload, sender: Sender, services: Services) -> Ingest:
    """Take the file in and return its ingest, durable and recorded; or raise, with nothing left behind.

    A sender that repeats its idempotency key gets the first ingest back.
    """
    await _opened(upload, services.settings.receive_idle_seconds)
    ingest = _begun(upload, sender)
    hasher = Hasher()
    create = partial(services.store.create, ingest.id, hasher, expected=upload.declared_size)
    target = WriteBehind(create, hasher)
    with metrics.active_uploads.track_inprogress():
        await _store(ingest, upload, target, services)
        started = time.perf_counter()
        await _make_durable(sender.digest, hasher, target)
        priority = sender.turns.take(sender.principal, hasher.size, time.monotonic())
        received = as_received(ingest, hasher.size, hasher.sha256, priority, labels=upload.labels)
        recorded = await _recorded(received, sender, target, services)
    if recorded is received:
        log.info("received", extra={"ingest_id": received.id, "size": hasher.size, "way": sender.way})
        await ring(received, services)
        metrics.received_bytes.labels(sender.way).observe(hasher.size)
        metrics.commit_seconds.observe(time.perf_counter() - started)
    return recorded


async def _opened(upload: Upload, idle_seconds: float) -> None:
    try:
        async with asyncio.timeout(idle_seconds):
            await upload.open()
    except TimeoutError as error:
        raise IdleTimeout(f"No file began within {idle_seconds:g} s.") from error
    except ClientDisconnect as error:
        raise IncompleteBody("The connection broke before the file began.") from error


def _begun(upload: Upload, sender: Sender) -> Ingest:
    now = datetime.now(UTC)
    return Ingest(
        id=new_id(),
        state=State.RECEIVING,
        principal=sender.principal,
        created_at=now,
        updated_at=now,
        filename=safe_filename(upload.filename),
        original_filename=upload.filename,
        declared_type=upload.declared_type,
        traceparent=sender.traceparent,
    )


async def _store(ingest: Ingest, upload: Upload, target: WriteBehind, services: Services) -> None:
    """Write all bytes; where the upload breaks off, leave an aborted row instead of them."""
    try:
        await _one_pass(upload, target, services)
    except BaseException as cause:
        await target.discard()
        if reason := _broke_off(cause):
            await record_aborted(ingest, reason, services)
        if isinstance(cause, ClientDisconnect):
            raise IncompleteBody("The connection broke.") from cause
        raise


async def _one_pass(upload: Upload, target: WriteBehind, services: Services) -> None:
    """Read the body once: a batch is gathered while the one before is written. Only the sender is timed."""
    if upload.declared_size is not None:
        services.policy.check_size(upload.declared_size)
    gathering, started = Gathering(services.policy), time.perf_counter()
    async with listening(services.settings) as patience:
        async for piece in upload.pieces():
            patience.heard(len(piece))
            if gathering.take(piece):
                with patience.away():
                    await target.put(gathering.batch())
    if last := gathering.end():
        await target.put(last)
    await target.drain()
    metrics.upload_speed.observe(target.size / (time.perf_counter() - started))


async def _make_durable(declared: Digest | None, hasher: Hasher, target: WriteBehind) -> None:
    try:
        _compare(declared, sha256_digest(hasher.sha256))
        await target.commit()
    except BaseException:
        await target.discard()
        raise


def _compare(declared: Digest | None, actual: Digest) -> None:
    if declared is not None and declared != actual:
        raise DigestMismatch(str(declared), str(actual))


async def _recorded(received: Ingest, sender: Sender, target: WriteBehind, services: Services) -> Ingest:
    """Commit the row. The bytes go only where the row is surely not there; else the reconciler asks the catalog."""
    try:
        recorded = await record(received, sender.idempotency_key, services)
    except BaseException as fault:
        if surely_not_recorded(fault):
            await target.discard()
        await target.release()
        raise
    if recorded is not received:
        await target.discard()
    await target.release()
    return recorded


def _broke_off(cause: BaseException) -> str | None:
    """Name what broke the upload off; None where we refused it."""
    reasons = {
        ClientDisconnect: "disconnected",
        IdleTimeout: "idle",
        TooSlow: "slow",
        Stopping: "stopped",
        asyncio.CancelledError: "stopped",
    }
    return reasons.get(type(cause))
