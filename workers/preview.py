"""Previews: a small picture of a completed ingest, while nothing else waits; it leaves painting to the cage.

Best effort: whatever goes wrong here, the ingest stays completed. What stays wanted is rung for again by the sweeper.
"""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta

from shared import metrics
from shared.errors import IngestionError, NotFound
from shared.ids import parse_id
from shared.ingest import Ingest, Preview, State
from shared.media_types import PREVIEWED
from shared.settings import Settings
from shared.wiring import Services
from workers.examine.examination import MakePreview
from workers.room import Room

LIMIT_SECONDS = 20.0
"""For one preview in all: the cage has a shorter limit, but may have to be started anew, and the disk may hang."""
GIVE_UP = timedelta(minutes=10)
"""How long after its end an ingest is still rung for; each is rung for at least once."""
FAILED = "failed"

log = logging.getLogger(__name__)


def wanting(settled: Ingest, settings: Settings) -> Ingest:
    """Return the settled ingest, wanting a preview where its kind has one."""
    wants = settings.previews and settled.state is State.COMPLETED and settled.kind in PREVIEWED
    return replace(settled, preview=Preview.WANTED) if wants else settled


async def make_preview(room: Room, ingest_id: str) -> None:
    """Make the preview that the ingest still wants, if any.

    Safe to call any number of times, at once, late and with anything.
    """
    try:
        ingest = await room.services.catalog.get(parse_id(str(ingest_id)))
    except IngestionError as fault:
        log.warning("whether a preview is wanted cannot be told: %s", fault)
        return
    if ingest.preview is Preview.WANTED:
        metrics.previews.labels(ingest.kind, await _outcome(ingest, room)).inc()


async def ring_again(now: datetime, limit: int, services: Services) -> None:
    """Ring for lost previews, once a lease each, and give up those which that has not helped.

    While rings wait, all that is wanted may be among them; once none does, what is older than a lease is lost.
    """
    if await services.queue.preview_depth():
        return
    before = now - timedelta(seconds=services.settings.lease_seconds)
    for ingest in await services.catalog.unpreviewed(before, now, limit):
        if ingest.completed_at and ingest.updated_at - ingest.completed_at > GIVE_UP:
            await _give_up(ingest, services)
        else:
            await services.queue.enqueue_preview(ingest.id)


async def _outcome(ingest: Ingest, room: Room) -> str:
    try:
        with metrics.stage_seconds.labels("preview").time():
            async with asyncio.timeout(LIMIT_SECONDS):
                return await _made(ingest, room)
    except (IngestionError, TimeoutError) as fault:
        log.warning("the preview waits for the sweeper: %r", fault)
    except Exception as error:  # whatever else it is, the ingest stays completed
        log.exception("unforeseen: %s", type(error).__name__)
    return FAILED


async def _made(ingest: Ingest, room: Room) -> Preview:
    services = room.services
    content = await _painted(ingest, room)
    if content:
        await services.store.put_preview(ingest.id, content)
    preview = Preview.MADE if content else Preview.NONE
    noted = await services.catalog.note_preview(ingest.id, preview)
    if not noted and not await services.catalog.known([ingest.id]):
        # Deleted after we read it: its bytes may have been removed before our file came.
        await services.store.delete(ingest.id)
    return preview


async def _painted(ingest: Ingest, room: Room) -> bytes:
    """Return a WebP; empty where none can be made, or where the bytes have just been deleted.

    What comes out of the cage is believed no further than its first bytes tell.
    """
    question = MakePreview(media_type=ingest.media_type or "", kind=ingest.kind or "")
    try:
        async with room.services.store.local_path(ingest.id) as path:
            content = await room.cage.preview(path, question)
    except (NotFound, FileNotFoundError):
        return b""
    return content if content[:4] + content[8:12] == b"RIFFWEBP" else b""


async def _give_up(ingest: Ingest, services: Services) -> None:
    if await services.catalog.note_preview(ingest.id, Preview.NONE):
        metrics.previews.labels(ingest.kind, FAILED).inc()
        log.warning("no preview could be made in time", extra={"ingest_id": ingest.id})
