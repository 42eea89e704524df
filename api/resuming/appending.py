"""Appending to an upload: whether it may be, its bytes, and whether that was the end; the end itself is `ending`'s."""

from dataclasses import replace

from api.intake import Sender
from api.resuming.ending import complete, end
from api.resuming.finding import prolonged
from api.resuming.holding import Held, holding
from api.resuming.standing import standing
from api.resuming.taking import Taking
from api.resuming.values import Append, Standing
from shared import metrics
from shared.errors import (
    ChecksumMismatch,
    InconsistentLength,
    MediaTypeNotAllowed,
    NotFound,
    OffsetMismatch,
    StaleState,
    TooLarge,
    UploadComplete,
)
from shared.policy import Policy
from shared.resumable import Resumable
from shared.wiring import Services


async def append(ingest_id: str, sender: Sender, appended: Append, services: Services) -> Standing:
    """Append a body; what of it came is durable when this returns or raises, unless it has a checksum that fails.

    The last byte makes the ingest received. A newer append takes over from one that still waits for its sender.
    Raise NotFound, UploadGone, UploadBusy, OffsetMismatch, UploadComplete, InconsistentLength, TooLarge,
    ChecksumMismatch, DigestMismatch, MediaTypeNotAllowed, IncompleteBody, UploadStalled, StorageFull, Stopping.
    """
    found = await standing(ingest_id, sender, services)
    if found.is_complete:
        raise UploadComplete
    _check_offset(found.offset, appended)  # before anybody who still writes is disturbed
    _whole_length(found.resumable, appended, services.policy)
    try:
        async with holding(found, services, appended.checksum) as held:
            with metrics.active_uploads.track_inprogress():
                _check_offset(held.appender.offset, appended)
                await _declare(held, appended, services)
                return await _taken(held, appended, sender, services)
    except NotFound:  # it was completed or ended just now
        await standing(ingest_id, sender, services)
        raise UploadComplete from None


def _check_offset(offset: int, appended: Append) -> None:
    if offset != appended.offset:
        raise OffsetMismatch(offset, appended.offset)


def _whole_length(resumable: Resumable, appended: Append, policy: Policy) -> int | None:
    """Return the whole's length, as far as it can be told before the body. Raise InconsistentLength or TooLarge."""
    end = None if appended.size is None else appended.offset + appended.size
    said = {resumable.length, appended.length, end if appended.ends else None} - {None}
    if len(said) > 1:
        raise InconsistentLength(f"It was said to be {' and '.join(map(str, sorted(filter(None, said))))} bytes.")
    length = said.pop() if said else None
    policy.check_size(max(length or 0, end or 0))
    if length is not None and appended.offset > length:
        raise InconsistentLength(f"There are {appended.offset} bytes already.")
    if length is not None and end is not None and end > length:
        raise TooLarge(f"The upload is {length} bytes long; this body would make it {end}.")
    return length


async def _declare(held: Held, appended: Append, services: Services) -> None:
    """Keep room for a length that is new, and write it down; put off the upload's end."""
    if held.resumable.length is None:
        held.resumable = await services.catalog.resumable(held.ingest.id)  # who held it before may have said it
        length = _whole_length(held.resumable, appended, services.policy)
        if length is not None:
            await _write_length(held, length, services)
    held.resumable = await prolonged(held.resumable, services)


async def _write_length(held: Held, length: int, services: Services) -> None:
    await held.appender.reserve(length)
    try:
        await services.catalog.declare_length(held.ingest.id, length)
    except StaleState as fault:
        raise InconsistentLength from fault
    held.resumable = replace(held.resumable, length=length)


async def _taken(held: Held, appended: Append, sender: Sender, services: Services) -> Standing:
    taking = Taking(appended, held, services)
    try:
        await taking.take()
        ends = _ends(taking, appended)
        if ends:
            taking.end()
        held.feed.check()
    except ChecksumMismatch:
        await held.appender.take_back()
        raise
    except (MediaTypeNotAllowed, TooLarge) as fault:
        await end(held, fault.code, services)
        raise
    if ends:
        return await complete(held, sender, services)
    offset = await held.appender.keep()
    _check_end(taking, appended)
    return Standing(held.ingest, held.resumable, offset)


def _ends(taking: Taking, appended: Append) -> bool:
    """Tell whether the upload is complete with this body; a part never is by itself."""
    if taking.exceeds or taking.held.resumable.is_part:
        return False
    if appended.ends is None:
        return taking.size == taking.held.resumable.length
    return appended.ends and taking.held.resumable.length in {None, taking.size}


def _check_end(taking: Taking, appended: Append) -> None:
    """Raise where the body does not end where the upload should; what came of it is kept all the same."""
    if taking.exceeds:
        raise TooLarge(f"The upload is {taking.held.resumable.length} bytes long; more came.")
    if appended.ends and not taking.held.resumable.is_part:
        raise InconsistentLength(
            f"It ended with {taking.size} bytes; it was said to be {taking.held.resumable.length}."
        )
