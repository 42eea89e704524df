"""The preview of a completed ingest, a WebP that we painted ourselves; it leaves keeping it to the store."""

from starlette.requests import Request
from starlette.responses import Response

from api.content import NEVER_A_PAGE, matches
from api.context import services_of
from api.reading import IngestId
from shared.errors import ContentGone, InProgress, NotFound
from shared.ids import parse_id
from shared.ingest import FINAL, Ingest, Preview, State


async def get_preview(request: Request, ingest_id: IngestId) -> Response:
    """Give a small picture of a completed image, video, PDF or audio file, as WebP.

    While it is being made, the answer is 409 with Retry-After; where there is none, 404 says why.
    """
    services = services_of(request)
    ingest = await services.catalog.get(parse_id(ingest_id))
    _check(ingest)
    headers = {**NEVER_A_PAGE, "ETag": f'"{ingest.sha256}-preview"'}
    if matches(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(await services.store.preview(ingest.id), headers=headers, media_type="image/webp")


def _check(ingest: Ingest) -> None:
    """Raise why there is no preview to be served, unless there is one."""
    if ingest.state is State.DELETED:
        raise ContentGone
    if ingest.state not in FINAL:
        raise InProgress("The preview is made once the ingest is completed.")
    if ingest.state is not State.COMPLETED:
        raise NotFound("Only completed ingests have a preview.")
    if ingest.preview is None:
        raise NotFound("No preview was wanted: not of this kind, or not by our settings.")
    if ingest.preview is Preview.WANTED:
        raise InProgress("The preview is being made.")
    if ingest.preview is Preview.NONE:
        raise NotFound("No preview could be made of this file.")
