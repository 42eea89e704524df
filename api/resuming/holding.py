"""Holding an upload for the time of one request, with the hasher of what it has so far."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from api.resuming.hashing import Feed, hashers
from api.resuming.values import Standing
from shared.digest import Digest
from shared.ingest import Ingest
from shared.ports import ObjectAppender
from shared.resumable import Resumable
from shared.wiring import Services


@dataclass
class Held:
    """An upload that one request holds."""

    ingest: Ingest
    resumable: Resumable
    """As it stands by now: its length may be said, and its end put off, while it is held."""
    appender: ObjectAppender
    feed: Feed


@asynccontextmanager
async def holding(found: Standing, services: Services, checksum: Digest | None = None) -> AsyncIterator[Held]:
    """Take an upload over, and let it go in the end. Raise UploadBusy, or NotFound where it is no longer unfinished."""
    feed = Feed(checksum)
    appender = await services.store.resume(found.ingest.id, feed, provisional=checksum is not None)
    try:
        feed.whole = hashers.take(found.ingest.id, appender.offset)
        yield Held(found.ingest, found.resumable, appender, feed)
    finally:
        hashers.keep(found.ingest.id, feed.whole, appender.offset)
        await appender.release()
