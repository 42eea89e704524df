"""Following: an ingest's moves as server-sent events, and all CloudEvents in order; it leaves pushing to the sinks."""

import json
from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from fastapi import Query
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from api.context import services_of
from api.reading import IngestId
from shared.full_receipt import MoveModel
from shared.ids import parse_id
from shared.ingest import FINAL
from shared.ports import Catalog

FIRST_POLL_SECONDS = 0.05
LAST_POLL_SECONDS = 1.0
PING_SECONDS = 15
LAST_WORDS_SECONDS = 1.0
"""How long a stream may take to end in order once this process stops: a follower then sees no broken answer."""


async def follow_ingest(request: Request, ingest_id: IngestId) -> Response:
    """Stream every move of an ingest until its final state; `Last-Event-ID` continues behind a move."""
    catalog = services_of(request).catalog
    ingest = await catalog.get(parse_id(ingest_id))
    last = request.headers.get("last-event-id", "0")
    stop = anyio.Event()
    return EventSourceResponse(
        _moves(catalog, ingest.id, int(last) if last.isdecimal() else 0, stop),
        ping=PING_SECONDS,
        headers={"X-Accel-Buffering": "no"},
        shutdown_event=stop,
        shutdown_grace_period=LAST_WORDS_SECONDS,
    )


async def _moves(catalog: Catalog, ingest_id: str, number: int, stop: anyio.Event) -> AsyncIterator[ServerSentEvent]:
    """Look less often the longer nothing happens."""
    pause = FIRST_POLL_SECONDS
    while not stop.is_set():
        moves = await catalog.history(ingest_id, number)
        for move in moves:
            number = move.number
            yield ServerSentEvent(MoveModel.model_validate(move).model_dump_json(), event="move", id=str(number))
        if moves:
            pause = FIRST_POLL_SECONDS
        if (moves and moves[-1].after in FINAL) or (not moves and (await catalog.get(ingest_id)).state in FINAL):
            return
        with anyio.move_on_after(pause):
            await stop.wait()
        pause = min(pause * 1.5, LAST_POLL_SECONDS)


async def list_events(
    request: Request,
    after: Annotated[int, Query(ge=0, description="The sequence of the last event that you have")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Give the CloudEvents behind a sequence, in order: whoever asks with the last one's sequence misses none."""
    events = await services_of(request).catalog.events(after, limit)
    body = json.dumps([event.model_dump(mode="json") for event in events])
    return Response(body, media_type="application/cloudevents-batch+json")
