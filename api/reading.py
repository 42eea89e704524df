"""Reading: one ingest or a page of them; it leaves their bytes, following and operating to others."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.context import receipt_of, services_of
from api.cursors import make_cursor, read_cursor
from shared.events import Delivery, DeliveryState
from shared.ids import PATTERN, parse_id
from shared.ingest import Move, State
from shared.ports import Listing
from shared.receipt import Receipt

IngestId = Annotated[str, Path(description="The ingest's id", json_schema_extra={"pattern": f"^{PATTERN}$"})]


class MoveModel(BaseModel):
    """One move in an ingest's history."""

    number: int
    at: datetime
    before: State | None
    after: State
    detail: str | None

    @classmethod
    def of(cls, move: Move) -> "MoveModel":
        """Return the move as it is shown."""
        return cls(number=move.number, at=move.at, before=move.before, after=move.after, detail=move.detail)


class DeliveryModel(BaseModel):
    """One event on its way to one sink of Perception."""

    event_id: str
    sink: str
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime | None = Field(description="Null unless pending")
    delivered_at: datetime | None
    last_error: str | None

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryModel":
        """Return the delivery as it is shown."""
        pending = delivery.state is DeliveryState.PENDING
        return cls(
            event_id=delivery.event_id,
            sink=delivery.sink,
            state=delivery.state,
            attempts=delivery.attempts,
            next_attempt_at=delivery.next_attempt_at if pending else None,
            delivered_at=delivery.delivered_at,
            last_error=delivery.last_error,
        )


class FullReceipt(Receipt):
    """The receipt with everything that has happened."""

    history: list[MoveModel]
    deliveries: list[DeliveryModel]


class ReceiptPage(BaseModel):
    """A page of receipts, newest first."""

    items: list[Receipt]
    next_cursor: str | None = Field(description="Pass it back as `cursor`, with the same filters; null at the end")


async def get_ingest(request: Request, ingest_id: IngestId) -> Response:
    """Tell all of one ingest: its receipt, history, deliveries, and why it waits."""
    catalog = services_of(request).catalog
    ingest = await catalog.get(parse_id(ingest_id))
    full = FullReceipt(
        **receipt_of(request, ingest).model_dump(),
        history=[MoveModel.of(move) for move in await catalog.history(ingest.id)],
        deliveries=[DeliveryModel.of(delivery) for delivery in await catalog.deliveries(ingest.id)],
    )
    full.waiting = full.waiting or _undelivered(full.deliveries)
    return JSONResponse(full.model_dump(mode="json"))


async def list_ingests(  # noqa: PLR0913  (one parameter for each filter)
    request: Request,
    state: State | None = None,
    media_type: Annotated[str | None, Query(max_length=128)] = None,
    sha256: Annotated[str | None, Query(pattern="^[0-9a-f]{64}$")] = None,
    filename: Annotated[str | None, Query(max_length=255, description="The safe name, whole")] = None,
    since: Annotated[datetime | None, Query(description="First bytes at or after (RFC 3339)")] = None,
    until: Annotated[datetime | None, Query(description="First bytes before (RFC 3339)")] = None,
    cursor: Annotated[str | None, Query(max_length=256)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List ingests, newest first, at a cost that does not grow with their number."""
    return await _page(
        request, Listing(state, media_type, sha256, filename, _aware(since), _aware(until)), cursor, limit
    )


async def list_quarantine(
    request: Request,
    cursor: Annotated[str | None, Query(max_length=256)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List the rejected ingests whose bytes are in quarantine, newest first."""
    return await _page(request, Listing(quarantined=True), cursor, limit)


async def _page(request: Request, filters: Listing, cursor: str | None, limit: int) -> Response:
    before = read_cursor(cursor, filters) if cursor else None
    found = await services_of(request).catalog.listing(replace(filters, before=before, limit=limit + 1))
    page, more = found[:limit], len(found) > limit
    items = [receipt_of(request, ingest) for ingest in page]
    body = ReceiptPage(items=items, next_cursor=make_cursor(page[-1].id, filters) if more else None)
    return JSONResponse(body.model_dump(mode="json"))


def _undelivered(deliveries: list[DeliveryModel]) -> str | None:
    for delivery in deliveries:
        if delivery.state is DeliveryState.PENDING and delivery.next_attempt_at:
            said = delivery.last_error or "not yet tried"
            return f"Perception ({delivery.sink}): {said}; next try at {delivery.next_attempt_at:%Y-%m-%dT%H:%M:%SZ}."
        if delivery.state is DeliveryState.DEAD:
            return f"Perception ({delivery.sink}): given up after {delivery.attempts} attempts; replay it."
    return None


def _aware(moment: datetime | None) -> datetime | None:
    """Take a time without an offset as UTC."""
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
