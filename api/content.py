"""The bytes of a completed ingest, whole or a range of them; it leaves reading them to the store."""

from types import MappingProxyType
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.context import services_of
from api.ranges import ByteRange, wanted_range
from api.reading import IngestId
from shared.errors import ContentGone, InProgress, NotFound
from shared.ids import parse_id
from shared.ingest import FINAL, Ingest, State


async def get_content(request: Request, ingest_id: IngestId) -> Response:
    """Give the bytes of a completed ingest, or a range of them (RFC 9110, section 14)."""
    services = services_of(request)
    ingest = await services.catalog.get(parse_id(ingest_id))
    size = _served_size(ingest)
    etag = f'"{ingest.sha256}"'
    headers = _content_headers(ingest, etag)
    if matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers={"ETag": etag})
    wanted = wanted_range(request.headers, size, etag)
    part = wanted or ByteRange(0, size)
    headers["Content-Length"] = str(part.stop - part.start)
    if wanted:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    status = 206 if wanted else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    body = services.store.read(ingest.id, part.start, part.stop)
    return StreamingResponse(body, status, headers=headers, media_type=headers["Content-Type"])


def _served_size(ingest: Ingest) -> int:
    """Return the size of what may be served; raise why it may not be."""
    if ingest.state is State.DELETED:
        raise ContentGone
    if ingest.state not in FINAL:
        raise InProgress("The bytes are served once the ingest is completed.")
    if ingest.state is not State.COMPLETED or ingest.size is None:
        raise NotFound("Only completed ingests have content.")
    return ingest.size


NEVER_A_PAGE = MappingProxyType(
    {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-cache",
    }
)
"""Nothing that was sent to us is ever shown as a page of ours."""


def _content_headers(ingest: Ingest, etag: str) -> dict[str, str]:
    return {
        **NEVER_A_PAGE,
        "Content-Type": ingest.media_type or "application/octet-stream",
        "Content-Disposition": attachment(ingest.filename),
        "ETag": etag,
        "Accept-Ranges": "bytes",
    }


def attachment(filename: str) -> str:
    """Return a Content-Disposition that every browser saves under this name (RFC 6266, section 4.3; RFC 8187)."""
    plain = filename.encode("ascii", "replace").decode().replace('"', "_").replace("\\", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def matches(if_none_match: str, etag: str) -> bool:
    """Compare weakly, as RFC 9110, section 13.1.2 asks."""
    return any(tag.strip().removeprefix("W/") in {etag, "*"} for tag in if_none_match.split(","))
