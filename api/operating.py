"""Operating over HTTP: the routes of an operator's levers; it leaves pulling them to `shared.operating`."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.callers import principal
from api.context import receipt_of, services_of
from api.cursors import make_cursor, make_delivery_cursor, read_cursor, read_delivery_cursor
from api.filters import Cursor, Filename, LongCursor, MediaType, Sha256, Since, Sink, Until, aware
from api.reading import IngestId
from shared import operating
from shared.events import DeliveryState
from shared.full_receipt import DeliveryModel
from shared.ids import parse_id
from shared.ingest import Reason
from shared.operating import MAX_AT_ONCE
from shared.ports import Listing, Undelivered

AtOnce = Annotated[int, Query(ge=1, le=MAX_AT_ONCE, description="At most so many in one call")]


class Replayed(BaseModel):
    """Which ingests were replayed; one that has just moved on is not among them."""

    replayed: int = Field(description="How many; with `dry_run` how many would be")
    ids: list[str]
    next_cursor: str | None = Field(description="Pass it back as `cursor`, with the same filters; null at the end")


class UndeliveredPage(BaseModel):
    """A page of deliveries, by sink, the longest waiting first."""

    items: list[DeliveryModel]
    next_cursor: str | None = Field(description="Pass it back as `cursor`, with the same filters; null at the end")


class Redelivered(BaseModel):
    """How many dead deliveries are pending again."""

    replayed: int
    more: bool = Field(description="Whether the limit was reached: then repeat the call")


async def replay_ingest(request: Request, ingest_id: IngestId) -> Response:
    """Drive a failed ingest again from the start, or the dead deliveries of an ended one."""
    ingest = await operating.replay(parse_id(ingest_id), services_of(request))
    return JSONResponse(receipt_of(request, ingest).model_dump(mode="json"), 202)


async def replay_ingests(  # noqa: PLR0913  (one parameter for each filter)
    request: Request,
    media_type: MediaType = None,
    filename: Filename = None,
    sha256: Sha256 = None,
    since: Since = None,
    until: Until = None,
    reason: Annotated[Reason | None, Query(description="Why they failed")] = None,
    cursor: Cursor = None,
    limit: AtOnce = 100,
    dry_run: Annotated[bool, Query(description="Only tell which they are")] = False,  # noqa: FBT002  (a query's flag)
) -> Response:
    """Drive failed ingests again, the newest first, behind everything fresh."""
    filters = Listing(None, media_type, sha256, filename, aware(since), aware(until), reason=reason)
    wanted = replace(filters, before=read_cursor(cursor, filters) if cursor else None, limit=limit)
    done = await operating.replay_many(wanted, services_of(request), dry_run=dry_run)
    next_cursor = make_cursor(done.last, filters) if done.last else None
    body = Replayed(replayed=len(done.ids), ids=list(done.ids), next_cursor=next_cursor)
    return JSONResponse(body.model_dump(), 200 if dry_run else 202)


async def release_ingest(request: Request, ingest_id: IngestId) -> Response:
    """Let a rejected one in quarantine pass in spite of its reasons: it is processed again."""
    released = await operating.release(parse_id(ingest_id), principal(request), services_of(request))
    return JSONResponse(receipt_of(request, released).model_dump(mode="json"), 202)


async def delete_ingest(request: Request, ingest_id: IngestId) -> Response:
    """Delete the bytes and keep the tombstone; repeating it is no error."""
    await operating.delete(parse_id(ingest_id), services_of(request))
    return Response(status_code=204)


async def list_deliveries(
    request: Request,
    state: Literal["dead", "pending"] = "dead",
    sink: Sink = None,
    cursor: LongCursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List what Perception has not got, by sink, the longest waiting first."""
    filters = Undelivered(DeliveryState(state), sink)
    after = read_delivery_cursor(cursor, filters) if cursor else None
    found = await services_of(request).catalog.undelivered(replace(filters, after=after, limit=limit + 1))
    page, more = found[:limit], len(found) > limit
    items = [DeliveryModel.of(delivery) for delivery in page]
    body = UndeliveredPage(items=items, next_cursor=make_delivery_cursor(page[-1], filters) if more else None)
    return JSONResponse(body.model_dump(mode="json"))


async def replay_deliveries(
    request: Request,
    sink: Sink = None,
    since: Annotated[datetime | None, Query(description="Undelivered since then or later (RFC 3339)")] = None,
    until: Annotated[datetime | None, Query(description="Undelivered since before then (RFC 3339)")] = None,
    limit: AtOnce = MAX_AT_ONCE,
) -> Response:
    """Make dead deliveries of any ingest pending, due at once, with no attempts."""
    wanted = Undelivered(DeliveryState.DEAD, sink, aware(since), aware(until), limit=limit)
    number = await operating.redeliver(wanted, services_of(request))
    return JSONResponse(Redelivered(replayed=number, more=number == limit).model_dump(), 202)
