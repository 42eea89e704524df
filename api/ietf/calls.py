"""The draft's calls by method; it leaves reading and writing headers to the modules beside, and bytes to `resuming`."""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from api import resuming
from api.admission import sender_of
from api.bodies import parse_labels, sent_filename
from api.callers import principal
from api.context import pressure_of, services_of
from api.ietf import answers
from api.ietf.heads import Head, head_of
from api.ietf.refusals import broken_off, refused
from api.ietf.versions import FIELD, PARTIAL_UPLOAD, Version, version_of
from api.interim import UPLOAD_RESUMPTION_SUPPORTED, inform
from api.requests import body_of
from api.resuming import Append, Creation, Standing
from shared.errors import AppendTypeWrong, BadUploadHeader, IngestionError, OffsetMismatch, UploadComplete

WAY = "ietf"
"""How metrics and logs call this way in."""

_Call = Callable[[Request, Version], Awaitable[Response]]


def _spoken(call: _Call) -> Callable[[Request], Awaitable[Response]]:
    """Let a call answer in the version of its request, by its faults too."""

    @wraps(call)
    async def answered(request: Request) -> Response:
        version = version_of(request.headers)
        try:
            answer = await call(request, version)
        except IngestionError as fault:
            answer = refused(request, version, fault)
        if version.number is not None:
            answer.headers[FIELD] = str(version.number)
        return answer

    return answered


@_spoken
async def post(request: Request, version: Version) -> Response:
    """Create an upload with none, some or all of its bytes (section "Upload Creation")."""
    said = head_of(request.headers, version)
    creation = _creation(request, said)
    pressure_of(request).check(said.length)
    created = await resuming.create(creation, services_of(request))
    try:
        standing = await _with_first_bytes(request, version, said, creation, created)
    except IngestionError as fault:
        refusal = broken_off(request, version, said, fault)
        refusal.headers["Location"] = answers.url_of(request, created.ingest.id)
        return refusal
    return answers.created(request, version, standing)


@_spoken
async def head(request: Request, version: Version) -> Response:
    """Tell the offset (section "Offset Retrieval")."""
    standing = await resuming.standing(_id_of(request), principal(request), services_of(request))
    return answers.stands(request, version, standing)


@_spoken
async def patch(request: Request, version: Version) -> Response:
    """Append to an upload (section "Upload Append")."""
    said = head_of(request.headers, version)
    if version.types_appends and _media_type(request) != PARTIAL_UPLOAD:
        raise AppendTypeWrong(f"An append is {PARTIAL_UPLOAD}.")
    append = _append(request, version, said)
    try:
        sender = sender_of(request, WAY, said.digest)
        standing = await resuming.append(_id_of(request), sender, append, services_of(request))
    except UploadComplete as fault:
        standing = await _completed(request, append, fault)
    except IngestionError as fault:
        return broken_off(request, version, said, fault)
    return answers.appended(request, version, standing)


@_spoken
async def delete(request: Request, version: Version) -> Response:
    """End an upload (section "Upload Cancellation")."""
    await resuming.terminate(_id_of(request), principal(request), services_of(request))
    return Response(status_code=204)


@_spoken
async def options(request: Request, version: Version) -> Response:
    """Tell that uploads can be resumed here, and their limits (section "Limits")."""
    return answers.offered(request, version)


def _creation(request: Request, said: Head) -> Creation:
    if said.complete is None:
        raise BadUploadHeader("Upload-Complete is ?1 where the body is the whole file, else ?0.")
    if said.offset:
        raise BadUploadHeader("A creation begins at Upload-Offset 0.")
    labels = request.query_params.get("labels")
    media_type = _media_type(request)
    return Creation(
        sender=sender_of(request, WAY, said.digest),
        filename=sent_filename(request.headers, request.query_params),
        declared_type=request.headers["content-type"] if media_type not in {"", PARTIAL_UPLOAD} else None,
        labels=parse_labels(labels) if labels else {},
        length=said.length,
    )


async def _with_first_bytes(
    request: Request, version: Version, said: Head, creation: Creation, created: Standing
) -> Standing:
    """Append what the creation carries, unless a repeated Idempotency-Key has brought an upload back."""
    if created.is_complete or (said.size == 0 and not said.complete):
        return created
    if created.offset:
        raise OffsetMismatch(created.offset, 0)
    await _announce(request, version, created)
    append = Append(body_of(request), 0, said.size, said.length, said.complete, said.checksum)
    return await resuming.append(created.ingest.id, creation.sender, append, services_of(request))


async def _announce(request: Request, version: Version, created: Standing) -> None:
    """Tell the upload's URL before its bytes, where the server can (section "Status Code 104").

    Only a client that names its version may be told (section "Draft Version Identification").
    """
    if version.number is not None:
        told = {FIELD: str(version.number), "Location": answers.url_of(request, created.ingest.id)}
        limits = answers.limits_of(request, version, created)
        await inform(request, UPLOAD_RESUMPTION_SUPPORTED, told | limits)


def _append(request: Request, version: Version, said: Head) -> Append:
    complete = True if said.complete is None and version.completes_unsaid else said.complete
    if said.offset is None:
        raise BadUploadHeader("Upload-Offset says where the body belongs.")
    if complete is None:
        raise BadUploadHeader("Upload-Complete is ?1 where the upload ends with this body, else ?0.")
    return Append(body_of(request), said.offset, said.size, said.length, complete, said.checksum)


async def _completed(request: Request, append: Append, fault: UploadComplete) -> Standing:
    """Return a complete upload for a client that lost its receipt, and ends it again; all else is a mistake."""
    standing = await resuming.standing(_id_of(request), principal(request), services_of(request))
    if append.ends and append.size == 0 and append.offset == standing.offset:
        return standing
    raise fault


def _id_of(request: Request) -> str:
    return str(request.path_params["upload_id"])


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
