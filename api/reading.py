"""Reading: one ingest or a page of them; it leaves their bytes, following and operating to others."""

from dataclasses import replace
from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.context import receipt_of, services_of
from api.cursors import make_cursor, read_cursor
from api.filters import Cursor, Filename, MediaType, Sha256, Since, Until, aware
from shared.ids import PATTERN, parse_id
from shared.ingest import State
from shared.operating import full_receipt
from shared.ports import Listing
from shared.receipt import Receipt

IngestId = Annotated[str, Path(description="The ingest's id", json_schema_extra={"pattern": f"^{PATTERN}$"})]


class ReceiptPage(BaseModel):
    """A page of receipts, newest first."""

    items: list[Receipt]
    next_cursor: str | None = Field(description="Pass it back as `cursor`, with the same filters; null at the end")


async def get_ingest(request: Request, ingest_id: IngestId) -> Response:
    """Tell all of one ingest: its receipt, history, deliveries, and why it waits."""
    full = await full_receipt(parse_id(ingest_id), services_of(request))
    return JSONResponse(full.model_dump(mode="json"))


async def list_ingests(  # noqa: PLR0913  (one parameter for each filter)
    request: Request,
    state: State | None = None,
    media_type: MediaType = None,
    sha256: Sha256 = None,
    filename: Filename = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List ingests, newest first, at a cost that does not grow with their number."""
    return await _page(request, Listing(state, media_type, sha256, filename, aware(since), aware(until)), cursor, limit)


async def list_quarantine(
    request: Request,
    cursor: Cursor = None,
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
