"""Where an upload stands. One whose last byte is durable counts as received, so that is made up for where it is not."""

from api.intake import Sender
from api.resuming.ending import complete, receive
from api.resuming.finding import find
from api.resuming.holding import holding
from api.resuming.values import Standing
from shared.errors import NotFound, UploadGone
from shared.ingest import State
from shared.ringing import ring
from shared.wiring import Services


async def standing(ingest_id: str, sender: Sender, services: Services) -> Standing:
    """Return where an upload stands, without any claim, unless all bytes are there: then it is completed first.

    Clients take an offset that is the length for the end, so it must be one (promise 1).
    Raise NotFound, UploadGone, or UploadBusy while another request completes it.
    """
    ingest, resumable = await find(ingest_id, sender.principal, services)
    if ingest.state is not State.RECEIVING:
        return Standing(ingest, resumable, ingest.size or 0)
    try:
        offset = await services.store.offset(ingest.id)
    except NotFound:
        return await _finished(ingest.id, sender, services)
    found = Standing(ingest, resumable, offset)
    if resumable.is_part or offset != resumable.length:
        return found
    return await _completed(found, sender, services)


async def _completed(found: Standing, sender: Sender, services: Services) -> Standing:
    """Make up for an end that was cut off before its commit."""
    try:
        async with holding(found, services) as held:
            return await complete(held, sender, services)
    except NotFound:  # another request has completed it
        return await standing(found.ingest.id, sender, services)


async def _finished(ingest_id: str, sender: Sender, services: Services) -> Standing:
    """Return where a finished object's upload stands; make up for an end that was cut off before the row's commit."""
    ingest, resumable = await find(ingest_id, sender.principal, services)
    if ingest.state is not State.RECEIVING:
        return Standing(ingest, resumable, ingest.size or 0)
    try:
        size = await services.store.size(ingest.id)
    except NotFound:
        raise UploadGone from None
    received = await receive(ingest, size, None, sender, services)
    await ring(received, services)
    return Standing(received, resumable, size)
