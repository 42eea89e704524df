"""Answers by where an upload stands, as headers and receipts; it leaves refusals to `refusals`."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from api.context import receipt_of, services_of
from api.early import EarlyResponse
from api.ietf import fields
from api.ietf.versions import MARK, PARTIAL_UPLOAD, Version
from api.resuming import Standing
from api.tus.answers import location
from shared.digest import sha256_digest

RECEIVED = 202
"""The status of a complete upload's receipt, as in POST /ingest: it is kept, and not yet processed."""


def url_of(request: Request, version: Version, upload_id: str) -> str:
    """Return the upload's URL, which is absolute."""
    url = location(request, upload_id)
    return f"{url}?{MARK}" if version.number is None else url


def created(request: Request, version: Version, standing: Standing) -> Response:
    """Answer a creation (section "Upload Creation"); a complete upload by its receipt."""
    answer = _answer(request, version, standing, on_the_way=201)
    answer.headers["Location"] = url_of(request, version, standing.ingest.id)
    return answer


def appended(request: Request, version: Version, standing: Standing) -> Response:
    """Answer an append (section "Upload Append"); the one that completes the upload by its receipt."""
    return _answer(request, version, standing, on_the_way=204)


def _answer(request: Request, version: Version, standing: Standing, on_the_way: int) -> Response:
    headers = _headers(request, version, standing)
    if not standing.is_complete:
        return Response(status_code=on_the_way, headers=headers)
    receipt = receipt_of(request, standing.ingest).model_dump_json()
    return EarlyResponse(receipt, RECEIVED, headers=headers, media_type="application/json")


def stands(request: Request, version: Version, standing: Standing) -> Response:
    """Answer the question for the offset (section "Offset Retrieval")."""
    told = {} if standing.length is None else {"Upload-Length": str(standing.length)}
    headers = _headers(request, version, standing) | told | {"Cache-Control": "no-store"}
    return Response(status_code=204, headers=headers)


def limits(request: Request, version: Version, seconds: float) -> dict[str, str]:
    """Return what an upload is limited to, of which `seconds` are left (section "Limits")."""
    members = {"max-size": services_of(request).policy.max_bytes, version.lifetime: max(0, int(seconds))}
    return {"Upload-Limit": fields.dictionary(members)}


def limits_of(request: Request, version: Version, standing: Standing) -> dict[str, str]:
    """Return what this upload is limited to."""
    return limits(request, version, (standing.resumable.expires_at - datetime.now(UTC)).total_seconds())


def offered(request: Request, version: Version) -> Response:
    """Answer OPTIONS (section "Limits")."""
    lifetime = services_of(request).settings.upload_hours * 3600
    return Response(status_code=204, headers={"Accept-Patch": PARTIAL_UPLOAD} | limits(request, version, lifetime))


def _headers(request: Request, version: Version, standing: Standing) -> dict[str, str]:
    state = {"Upload-Offset": str(standing.offset)} | version.completeness(standing.is_complete)
    return state | limits_of(request, version, standing) | _of_the_whole(request, standing)


def _of_the_whole(request: Request, standing: Standing) -> dict[str, str]:
    """Return what a client needs that lost the final answer (sections "Responses to Uploads", "Integrity Digests")."""
    if not standing.is_complete:
        return {}
    status = f'<{services_of(request).settings.base_url}/ingest/{standing.ingest.id}>; rel="status"'
    digest = {"Repr-Digest": str(sha256_digest(standing.ingest.sha256))} if standing.ingest.sha256 else {}
    return {"Link": status} | digest
