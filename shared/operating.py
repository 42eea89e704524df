"""Operating: what an operator may do, by any door: replay, release, delete; it leaves the work to the back room.

Each row is moved by its own compare-and-set, so that of two operators at once one has the say.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from shared.errors import AlreadyFinal, ContentGone, InProgress, NotFound, NotReleasable, NotReplayable, StaleState
from shared.events import Event
from shared.full_receipt import FullReceipt
from shared.ingest import MAX_PRIORITY, SETTLED, Ingest, State, Verdict
from shared.ports import Listing, Undelivered
from shared.resumable import Resumable
from shared.ringing import RING_GRACE, ring, ring_notify
from shared.wiring import Services

MAX_AT_ONCE = 1000
"""The most that one call replays or redelivers."""
RUNG_AT_ONCE = 100
"""The sweeper rings for the rest of a crowd, as workers have room: no queue fills up with what is not fresh."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """Which were replayed, or would be, and the id to continue behind, where there are more."""

    ids: tuple[str, ...]
    last: str | None


async def full_receipt(ingest_id: str, services: Services) -> FullReceipt:
    """Return all that is known of an ingest. Raise NotFound."""
    catalog = services.catalog
    ingest = await catalog.get(ingest_id)
    history, deliveries = await catalog.history(ingest_id), await catalog.deliveries(ingest_id)
    upload = await _unfinished(ingest, services)
    return FullReceipt.of_all(ingest, services.settings.base_url, history, deliveries, upload)


async def replay(ingest_id: str, services: Services) -> Ingest:
    """Drive a failed ingest again from the start, or the dead deliveries of an ended one. Raise NotReplayable."""
    ingest = await services.catalog.get(ingest_id)
    if ingest.state is State.FAILED:
        return await _drive_again(ingest, "replayed", services)
    if not await services.catalog.revive(ingest.id, datetime.now(UTC)):
        raise NotReplayable
    return ingest


async def replay_many(wanted: Listing, services: Services, *, dry_run: bool = False) -> Replayed:
    """Replay failed ingests, the newest first, behind everything fresh; one that has just moved on is left out."""
    page = await services.catalog.listing(replace(wanted, state=State.FAILED, limit=wanted.limit + 1))
    found, more = page[: wanted.limit], len(page) > wanted.limit
    replayed = found if dry_run else await _replayed(found, services)
    return Replayed(tuple(ingest.id for ingest in replayed), found[-1].id if more else None)


async def release(ingest_id: str, operator: str, services: Services) -> Ingest:
    """Let a rejected one in quarantine pass in spite of its reasons. Raise NotReleasable or ContentGone.

    The override is recorded in the row and in the history; the worker brings the bytes back.
    """
    ingest = await services.catalog.get(ingest_id)
    if ingest.state is not State.REJECTED:
        raise NotReleasable
    if ingest.quarantined_until is None:
        raise ContentGone("The bytes of the rejected file were not kept.")
    reasons = ingest.verdict.reasons
    overridden = tuple(dict.fromkeys((*ingest.overridden, *reasons)))
    detail = f"{operator} released it in spite of {', '.join(reasons)}"
    return await _drive_again(ingest, detail, services, quarantined_until=None, overridden=overridden)


async def delete(ingest_id: str, services: Services) -> None:
    """Delete the bytes and keep the tombstone; repeating it is no error. Raise AlreadyFinal or InProgress."""
    ingest = await services.catalog.get(ingest_id)
    if ingest.state in SETTLED:
        await _bury(ingest, services)
    elif ingest.state in {State.ABORTED, State.EXPIRED}:
        raise AlreadyFinal
    elif ingest.state is not State.DELETED:
        raise InProgress
    await services.store.delete(ingest.id)


async def redeliver(wanted: Undelivered, services: Services) -> int:
    """Drive dead deliveries again, the longest waiting of each sink first; return how many."""
    event_ids = await services.catalog.revive_many(wanted, datetime.now(UTC))
    for event_id in list(dict.fromkeys(event_ids))[:RUNG_AT_ONCE]:
        if not await ring_notify(event_id, services):
            break
    return len(event_ids)


async def _unfinished(ingest: Ingest, services: Services) -> Resumable | None:
    if ingest.state is State.RECEIVING:
        with suppress(NotFound):
            return await services.catalog.resumable(ingest.id)
    return None


async def _replayed(failed: list[Ingest], services: Services) -> list[Ingest]:
    moved = [again for ingest in failed if (again := await _last_in_line(ingest, services))]
    for again in moved[:RUNG_AT_ONCE]:
        if not await ring(again, services):
            break
    return moved


async def _last_in_line(ingest: Ingest, services: Services) -> Ingest | None:
    changes = {"priority": MAX_PRIORITY, "why": "replayed with others."}
    try:
        return await _received_again(ingest, "replayed with others", services, **changes)
    except StaleState:
        return None


async def _drive_again(ingest: Ingest, detail: str, services: Services, **changes: Any) -> Ingest:
    again = await _received_again(ingest, detail, services, **changes)
    await ring(again, services)
    return again


async def _received_again(ingest: Ingest, detail: str, services: Services, **changes: Any) -> Ingest:
    now = datetime.now(UTC)
    fresh = {"attempts": 0, "why": None, "verdict": Verdict(), "completed_at": None, "priority": 0}
    again = ingest.moved(State.RECEIVED, now, due_at=now + RING_GRACE, **fresh | changes)
    await services.catalog.save(ingest, again, detail=detail)
    return again


async def _bury(ingest: Ingest, services: Services) -> None:
    gone = {"due_at": None, "quarantined_until": None, "preview": None}
    deleted = ingest.moved(State.DELETED, datetime.now(UTC), **gone)
    uri, base_url = services.store.uri(ingest.id), services.settings.base_url
    event = await services.catalog.save(ingest, deleted, Event.of(deleted, uri=uri, base_url=base_url))
    if event is not None:
        await ring_notify(event.id, services)
