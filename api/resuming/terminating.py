"""Ends an upload at its sender's wish; it leaves what is received already to `DELETE /ingest/{id}`."""

from api.intake import Sender
from api.resuming.ending import end
from api.resuming.holding import holding
from api.resuming.standing import standing
from shared.errors import NotFound, UploadComplete, UploadGone
from shared.ingest import State
from shared.wiring import Services


async def terminate(ingest_id: str, sender: Sender, services: Services) -> None:
    """End an upload that is not complete, or a part, and remove its bytes.

    Raise NotFound, UploadGone, UploadBusy or UploadComplete.
    """
    found = await standing(ingest_id, sender, services)
    if found.ingest.state is not State.RECEIVING:
        raise UploadComplete("It is received: its bytes are deleted by DELETE /ingest/{id} once it is processed.")
    try:
        async with holding(found, services) as held:
            await end(held, "terminated", services)
    except NotFound:
        raise UploadGone from None
