"""Finding an upload by its id, for its own sender; it leaves its bytes to the store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.errors import NotFound, UploadGone
from shared.ids import parse_id
from shared.ingest import WITHOUT_BYTES, Ingest, State
from shared.resumable import Resumable
from shared.wiring import Services

STEPS = 100
"""An upload's end is put off in steps of a hundredth of UPLOAD_HOURS, so that few appends cost a commit."""


async def find(ingest_id: str, principal: str, services: Services) -> tuple[Ingest, Resumable]:
    """Return an upload of the principal's own. Raise NotFound, or UploadGone where it ended without being received."""
    ingest = await services.catalog.get(parse_id(ingest_id))
    if ingest.principal != principal:
        raise NotFound
    if ingest.state in WITHOUT_BYTES:
        raise UploadGone
    resumable = await services.catalog.resumable(ingest.id)
    if ingest.state is State.RECEIVING and resumable.expires_at <= datetime.now(UTC):
        raise UploadGone
    return ingest, resumable


def expiry(services: Services) -> datetime:
    """Return when an upload expires that is written to now."""
    return datetime.now(UTC) + timedelta(hours=services.settings.upload_hours)


async def prolonged(resumable: Resumable, services: Services) -> Resumable:
    """Put off when the upload expires, where that is worth a commit."""
    until = expiry(services)
    if until - resumable.expires_at < timedelta(hours=services.settings.upload_hours) / STEPS:
        return resumable
    await services.catalog.prolong([resumable.ingest_id], until)
    return replace(resumable, expires_at=until)
