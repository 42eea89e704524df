"""Creating an upload: a row and an empty object, for which room is kept; it leaves bytes to `appending`."""

import hashlib
import json
from datetime import UTC, datetime

from api.recording import surely_not_recorded
from api.resuming.ending import reject_empty
from api.resuming.finding import expiry
from api.resuming.standing import standing
from api.resuming.values import Creation, Standing
from shared.errors import DuplicateIngest, IdempotencyKeyReused
from shared.filenames import safe_filename
from shared.ids import new_id
from shared.ingest import Ingest, State
from shared.ports import IdempotencyKey, ObjectAppender
from shared.resumable import Resumable
from shared.wiring import Services


async def create(creation: Creation, services: Services) -> Standing:
    """Record a receiving ingest with an empty upload, for which room is kept; both are durable when this returns.

    A sender that repeats its idempotency key gets the first one, wherever it stands by now.
    Where its length is 0 it is over at once, rejected as empty; see docs/decisions/0013-resumable-uploads.md.
    Raise TooLarge, StorageFull, BadFilename or IdempotencyKeyReused.
    """
    if creation.length is not None:
        services.policy.check_size(creation.length)
    ingest = begun(creation)
    resumable = resumable_of(ingest, creation, services)
    appender = await services.store.begin(ingest.id, length=creation.length)
    try:
        return await _recorded(ingest, resumable, creation, appender, services)
    finally:
        await appender.release()


def begun(creation: Creation) -> Ingest:
    """Return the ingest of a new upload. Raise BadFilename."""
    now, ingest_id = datetime.now(UTC), new_id()
    name = creation.filename or ingest_id
    return Ingest(
        id=ingest_id,
        state=State.RECEIVING,
        principal=creation.sender.principal,
        created_at=now,
        updated_at=now,
        filename=safe_filename(name),
        original_filename=name,
        declared_type=creation.declared_type,
        labels=creation.labels,
        traceparent=creation.sender.traceparent,
    )


def resumable_of(ingest: Ingest, creation: Creation, services: Services) -> Resumable:
    """Return what is remembered of a new upload."""
    return Resumable(
        ingest_id=ingest.id,
        expires_at=expiry(services),
        length=creation.length,
        metadata=creation.metadata,
        concat=creation.concat,
        is_part=creation.is_part,
        digest=creation.sender.digest,
    )


async def _recorded(
    ingest: Ingest, resumable: Resumable, creation: Creation, appender: ObjectAppender, services: Services
) -> Standing:
    key = creation.sender.idempotency_key
    named = IdempotencyKey(key, _fingerprint(creation)) if key else None
    try:
        await services.catalog.record(ingest, named, resumable=resumable)
    except DuplicateIngest as first:
        await appender.discard()
        if named is None or first.fingerprint != named.fingerprint:
            raise IdempotencyKeyReused from first
        return await standing(first.existing, creation.sender, services)
    except BaseException as fault:
        if surely_not_recorded(fault):
            await appender.discard()
        raise
    if creation.length == 0 and not creation.is_part:
        return await reject_empty(ingest, resumable, appender, services)
    return Standing(ingest, resumable, 0)


def _fingerprint(creation: Creation) -> str:
    """Tell one upload from another under the same idempotency key: all that was said of it before its bytes."""
    parts = (creation.filename, creation.declared_type, sorted(creation.labels.items()), creation.length)
    said = json.dumps((*parts, creation.metadata, creation.is_part, str(creation.sender.digest or "")))
    return hashlib.sha256(said.encode()).hexdigest()
