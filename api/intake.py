"""Intake: every upload's one pass (count ▸ limit ▸ sniff ▸ hash ▸ write), its one commit and the ring.

It leaves who may send, and how the bytes were framed, to the routes.
"""

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.requests import ClientDisconnect

from api.bodies import Upload
from api.write_behind import WriteBehind
from shared import metrics
from shared.digest import Digest, Hasher, sha256_digest
from shared.errors import (
    DigestMismatch,
    DuplicateIngest,
    EmptyFile,
    IdempotencyKeyReused,
    IdleTimeout,
    IncompleteBody,
    OutcomeUnknown,
    Unavailable,
)
from shared.filenames import safe_filename
from shared.ids import new_id
from shared.ingest import Ingest, State
from shared.policy import SNIFF_BYTES, Policy
from shared.ports import IdempotencyKey
from shared.wiring import Services

BATCH_BYTES = 1024 * 1024
"""What is gathered before one write: fewer, larger pieces keep the hand-over to the pool cheap."""
RING_GRACE = timedelta(seconds=3)
"""How long the sweeper leaves a fresh ingest to the ring that follows its commit."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sender:
    """Who sends, and what the request says beside the file."""

    principal: str
    way: str
    traceparent: str
    idempotency_key: str | None = None
    digest: Digest | None = None


async def receive(upload: Upload, sender: Sender, services: Services) -> Ingest:
    """Take the file in and return its ingest, durable and recorded; or raise, with nothing left behind.

    A sender that repeats its idempotency key gets the first ingest back.
    """
    await _opened(upload, services.settings.receive_idle_seconds)
    ingest = _begun(upload, sender)
    with metrics.active_uploads.track_inprogress():
        try:
            return await _received(ingest, upload, sender, services)
        except (ClientDisconnect, IdleTimeout, asyncio.CancelledError) as cause:
            await _record_aborted(ingest, cause, services)
            if isinstance(cause, ClientDisconnect):
                raise IncompleteBody("The connection broke.") from cause
            raise


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


async def _received(ingest: Ingest, upload: Upload, sender: Sender, services: Services) -> Ingest:
    if upload.declared_size is not None:
        services.policy.check_size(upload.declared_size)
    hasher = Hasher()
    target = WriteBehind(services.store, ingest.id, hasher, upload.declared_size)
    try:
        started = time.perf_counter()
        await _one_pass(upload, target, services)
        last_byte = time.perf_counter()
        _check_digest(sender.digest, hasher)
        await target.commit()
        received = await _record(ingest, upload, sender, hasher, services)
    except OutcomeUnknown:
        await target.release()  # the reconciler asks the catalog later whether the row is there
        raise
    except BaseException:
        await asyncio.shield(target.discard())
        raise
    if received.id != ingest.id:
        await target.discard()
        return received
    await target.release()
    await ring(received, services)
    _observe(sender.way, hasher.size, last_byte - started, time.perf_counter() - last_byte)
    return received


async def _one_pass(upload: Upload, target: WriteBehind, services: Services) -> None:
    """Read the body once; at most one batch is gathered while another is being written."""
    async for batch in _batches(upload.pieces(), services.policy, services.settings.receive_idle_seconds):
        await target.put(batch)
    await target.drain()


async def _batches(pieces: AsyncIterator[bytes], policy: Policy, idle_seconds: float) -> AsyncIterator[list[bytes]]:
    """Gather pieces into batches of 1 MiB; the size is checked with every piece, the first bytes once."""
    batch: list[bytes] = []
    gathered = total = 0
    sniffed = False
    async for piece in _unhurried(pieces, idle_seconds):
        batch.append(piece)
        gathered += len(piece)
        total += len(piece)
        policy.check_size(total)
        if not sniffed and total >= SNIFF_BYTES:
            policy.check_head(b"".join(batch))
            sniffed = True
        if gathered >= BATCH_BYTES:
            yield batch
            batch, gathered = [], 0
    if not sniffed:
        policy.check_head(b"".join(batch))
    if total == 0:
        raise EmptyFile
    if batch:
        yield batch


async def _unhurried(pieces: AsyncIterator[bytes], idle_seconds: float) -> AsyncIterator[bytes]:
    """Pass the pieces on; raise IdleTimeout where the next one does not come in time."""
    while True:
        try:
            async with asyncio.timeout(idle_seconds):
                piece = await anext(pieces, None)
        except TimeoutError as error:
            raise IdleTimeout(f"No byte came for {idle_seconds:g} s.") from error
        if piece is None:
            return
        if piece:
            yield piece


def _check_digest(declared: Digest | None, hasher: Hasher) -> None:
    actual = sha256_digest(hasher.sha256)
    if declared is not None and declared != actual:
        raise DigestMismatch(str(declared), str(actual))


async def _record(ingest: Ingest, upload: Upload, sender: Sender, hasher: Hasher, services: Services) -> Ingest:
    """Commit the received ingest, or return the one that the idempotency key has already named."""
    now = datetime.now(UTC)
    received = ingest.moved(
        State.RECEIVED,
        now,
        size=hasher.size,
        sha256=hasher.sha256,
        declared_type=upload.declared_type,
        labels=upload.labels,
        received_at=now,
        due_at=now + RING_GRACE,
    )
    key = IdempotencyKey(sender.idempotency_key, _fingerprint(received)) if sender.idempotency_key else None
    try:
        await services.catalog.record(received, key)
    except DuplicateIngest as first:
        if key is None or first.fingerprint != key.fingerprint:
            raise IdempotencyKeyReused from first
        return await services.catalog.get(first.existing)
    return received


def _fingerprint(ingest: Ingest) -> str:
    """Tell one file from another under the same idempotency key: the bytes, the name, the type and the labels."""
    parts = (ingest.sha256, ingest.original_filename, ingest.declared_type, sorted(ingest.labels.items()))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


async def ring(ingest: Ingest, services: Services) -> None:
    """Ask for a worker; where the queue is away, the sweeper asks again."""
    try:
        await services.queue.enqueue(ingest.id)
    except Unavailable as error:
        metrics.unrung.inc()
        log.warning("could not enqueue, the sweeper will: %s", error, extra={"ingest_id": ingest.id})


def _observe(way: str, size: int, pass_seconds: float, commit_seconds: float) -> None:
    metrics.received_bytes.labels(way).observe(size)
    metrics.upload_speed.observe(size / max(pass_seconds, 1e-6))
    metrics.commit_seconds.observe(commit_seconds)


async def _record_aborted(ingest: Ingest, cause: BaseException, services: Services) -> None:
    """Leave a trace of an upload that broke off; the bytes are gone already."""
    reason = (
        "idle"
        if isinstance(cause, IdleTimeout)
        else "disconnected"
        if isinstance(cause, ClientDisconnect)
        else "stopped"
    )
    metrics.aborted.labels(reason).inc()
    now = datetime.now(UTC)
    try:
        await services.catalog.record(ingest.moved(State.ABORTED, now, completed_at=now), detail=reason)
    except Unavailable as error:
        log.warning("an aborted upload could not be recorded: %s", error, extra={"ingest_id": ingest.id})
