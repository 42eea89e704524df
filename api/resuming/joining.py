"""Joining complete parts to one received ingest; the bytes do not pass through us, the store sees to that."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from api.intake import Sender
from api.recording import as_received, surely_not_recorded
from api.resuming.creating import begun, resumable_of
from api.resuming.ending import digest_of
from api.resuming.standing import standing
from api.resuming.values import Creation, Standing
from shared import metrics
from shared.digest import Digest, sha256_digest
from shared.errors import DigestMismatch, DuplicateIngest, EmptyFile, NotFound, NotJoinable, UploadGone
from shared.ingest import Ingest
from shared.policy import SNIFF_BYTES
from shared.ports import IdempotencyKey, ObjectWriter
from shared.resumable import Resumable
from shared.ringing import ring
from shared.wiring import Services

PARTS_KEPT = timedelta(minutes=15)
"""How long parts are kept once they are joined: a repeat of the final request may name them again."""


async def join(creation: Creation, parts: Sequence[str], services: Services) -> Standing:
    """Make one received ingest of complete parts, in order; a repeat with the same parts returns the first one.

    The parts are its idempotency key, whatever the sender's own says.
    Raise NotJoinable, EmptyFile, TooLarge, StorageFull, MediaTypeNotAllowed or DigestMismatch.
    """
    if not parts:
        raise NotJoinable("It names no part.")
    sender, key = creation.sender, _key(parts)
    if first := await services.catalog.named(sender.principal, key.key):
        return await standing(first, sender, services)
    length = sum([await _length_of(part, sender, services) for part in parts])
    if not length:
        raise EmptyFile
    services.policy.check_size(length)
    ingest = begun(creation)
    resumable = replace(resumable_of(ingest, creation, services), length=length, parts=tuple(parts))
    joined = await _joined(ingest, resumable, key, sender, services)
    await services.catalog.prolong(parts, datetime.now(UTC) + PARTS_KEPT)
    return joined


def _key(parts: Sequence[str]) -> IdempotencyKey:
    """Return a key that no sender can give, since it has a space."""
    return IdempotencyKey(f"join {hashlib.sha256(' '.join(parts).encode()).hexdigest()}", "")


async def _length_of(part: str, sender: Sender, services: Services) -> int:
    try:
        found = await standing(part, sender, services)
    except (NotFound, UploadGone) as fault:
        raise NotJoinable(f"There is no upload {part[:80]}.") from fault
    if not (found.resumable.is_part and found.is_complete):
        raise NotJoinable(f"The upload {part} is no complete part.")
    return found.offset


async def _joined(
    ingest: Ingest, resumable: Resumable, key: IdempotencyKey, sender: Sender, services: Services
) -> Standing:
    try:
        writer = await services.store.join(ingest.id, resumable.parts)
    except NotFound as fault:
        raise NotJoinable("A part was ended meanwhile.") from fault
    try:
        sha256 = await _made_durable(ingest, resumable, sender, writer, services)
        received = _received(ingest, resumable, sha256, sender)
        joined = await _recorded(received, resumable, key, writer, services)
    finally:
        await writer.release()
    if joined is not received:
        return await standing(joined.id, sender, services)
    metrics.received_bytes.labels(sender.way).observe(received.size or 0)
    await ring(received, services)
    return Standing(received, resumable, received.size or 0)


async def _made_durable(
    ingest: Ingest, resumable: Resumable, sender: Sender, writer: ObjectWriter, services: Services
) -> str | None:
    """Finish the whole and check it as far as its parts could not be checked; return its digest, where it is known."""
    try:
        await writer.commit()
        head = [piece async for piece in services.store.read(ingest.id, 0, SNIFF_BYTES)]
        services.policy.check_head(b"".join(head))
        return await _checked(ingest, resumable.length or 0, sender.digest, services)
    except BaseException:
        await writer.discard()
        raise


def _received(ingest: Ingest, resumable: Resumable, sha256: str | None, sender: Sender) -> Ingest:
    size = resumable.length or 0
    return as_received(ingest, size, sha256, sender.turns.take(sender.principal, size, time.monotonic()))


async def _recorded(
    received: Ingest, resumable: Resumable, key: IdempotencyKey, writer: ObjectWriter, services: Services
) -> Ingest:
    """Commit the whole; return it, or the first one of the same parts."""
    try:
        await services.catalog.record(received, key, resumable=resumable)
    except DuplicateIngest as first:
        await writer.discard()
        return await services.catalog.get(first.existing)
    except BaseException as fault:
        if surely_not_recorded(fault):
            await writer.discard()
        raise
    return received


async def _checked(ingest: Ingest, size: int, declared: Digest | None, services: Services) -> str | None:
    if declared is None:
        return None  # the worker reads all bytes anyway, and fills it in
    sha256 = await digest_of(services.store.read(ingest.id, 0, size))
    if sha256 != declared.value:
        raise DigestMismatch(str(declared), str(sha256_digest(sha256)))
    return sha256
