"""Operating: replay what failed, delete what is done; it leaves the work itself to the back room."""

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.callers import principal
from api.context import receipt_of, services_of
from api.reading import IngestId
from api.recording import RING_GRACE, ring
from shared.errors import AlreadyFinal, ContentGone, InProgress, NotReleasable, NotReplayable, Unavailable
from shared.events import Event
from shared.ids import parse_id
from shared.ingest import SETTLED, Ingest, State, Verdict
from shared.wiring import Services


async def replay_ingest(request: Request, ingest_id: IngestId) -> Response:
    """Drive a failed ingest again from the start, or the dead deliveries of an ended one."""
    services = services_of(request)
    ingest = await services.catalog.get(parse_id(ingest_id))
    if ingest.state is State.FAILED:
        ingest = await _replay(ingest, services)
    elif not await services.catalog.revive(ingest.id, datetime.now(UTC)):
        raise NotReplayable
    return JSONResponse(receipt_of(request, ingest).model_dump(mode="json"), 202)


async def release_ingest(request: Request, ingest_id: IngestId) -> Response:
    """Let a rejected one in quarantine pass in spite of its reasons: it is processed again."""
    services = services_of(request)
    ingest = await services.catalog.get(parse_id(ingest_id))
    if ingest.state is not State.REJECTED:
        raise NotReleasable
    if ingest.quarantined_until is None:
        raise ContentGone("The bytes of the rejected file were not kept.")
    released = await _release(ingest, principal(request), services)
    return JSONResponse(receipt_of(request, released).model_dump(mode="json"), 202)


async def delete_ingest(request: Request, ingest_id: IngestId) -> Response:
    """Delete the bytes and keep the tombstone; repeating it is no error."""
    services = services_of(request)
    ingest = await services.catalog.get(parse_id(ingest_id))
    if ingest.state in SETTLED:
        await _delete(ingest, services)
    elif ingest.state in {State.ABORTED, State.EXPIRED}:
        raise AlreadyFinal
    elif ingest.state is not State.DELETED:
        raise InProgress
    await services.store.delete(ingest.id)
    return Response(status_code=204)


async def _replay(ingest: Ingest, services: Services) -> Ingest:
    return await _drive_again(ingest, "replayed", services)


async def _release(ingest: Ingest, caller: str, services: Services) -> Ingest:
    """Record the override, in the row and in the history; the worker brings the bytes back."""
    reasons = ingest.verdict.reasons
    overridden = tuple(dict.fromkeys((*ingest.overridden, *reasons)))
    detail = f"{caller} released it in spite of {', '.join(reasons)}"
    return await _drive_again(ingest, detail, services, quarantined_until=None, overridden=overridden)


async def _drive_again(ingest: Ingest, detail: str, services: Services, **changes: Any) -> Ingest:
    now = datetime.now(UTC)
    fresh = {"attempts": 0, "why": None, "verdict": Verdict(), "completed_at": None}
    again = ingest.moved(State.RECEIVED, now, due_at=now + RING_GRACE, **fresh, **changes)
    await services.catalog.save(ingest, again, detail=detail)
    await ring(again, services)
    return again


async def _delete(ingest: Ingest, services: Services) -> None:
    gone = {"due_at": None, "quarantined_until": None, "preview": None}
    deleted = ingest.moved(State.DELETED, datetime.now(UTC), **gone)
    uri, base_url = services.store.uri(ingest.id), services.settings.base_url
    event = await services.catalog.save(ingest, deleted, Event.of(deleted, uri=uri, base_url=base_url))
    if event is not None:
        await _ring_notify(event, services)


async def _ring_notify(event: Event, services: Services) -> None:
    try:
        await services.queue.enqueue_notify(event.id)
    except Unavailable:
        return  # the sweeper finds the due delivery in the catalog
