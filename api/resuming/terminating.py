"""Ends an upload at its sender's wish; it leaves what is received already to `DELETE /ingest/{id}`."""

from api.intake import Sender
from api.resuming.ending import end
from api.resuming.finding import find
from api.resuming.holding import holding
from api.resuming.standing import standing
from api.resuming.values import Standing
from shared.errors import NotFound, UploadComplete
from shared.ingest import State
from shared.wiring import Services


async def terminate(ingest_id: str, sender: Sender, services: Services) -> None:
    """End an upload that is not complete, or a part, and remove its bytes.

    Raise NotFound, UploadGone, UploadBusy or UploadComplete.
    """
    ingest, resumable = await find(ingest_id, sender.principal, services)
    if ingest.state is not State.RECEIVING:
        raise UploadComplete("It is received: its bytes are deleted by DELETE /ingest/{id} once it is processed.")
    try:
        async with holding(Standing(ingest, resumable, 0), services) as held:
            await end(held, "terminated", services)
    except NotFound:  # another request has just completed it, or ended it
        await standing(ingest_id, sender, services)
        raise UploadComplete from None
