"""The draft's calls by method; it leaves reading and writing headers to the modules beside, and bytes to `resuming`."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from api import resuming
from api.admission import sender_of
from api.context import pressure_of, services_of
from api.ietf import answers
from api.ietf.creating import WAY, creation_of, with_first_bytes
from api.ietf.heads import Head, head_of
from api.ietf.refusals import broken_off, refused
from api.ietf.versions import FIELD, PARTIAL_UPLOAD, Version, media_type_of, version_of
from api.intake import Sender
from api.requests import large_body_of
from api.resuming import Append, Standing
from shared.errors import AppendTypeWrong, BadUploadHeader, IngestionError, UploadComplete

_Call = Callable[[Request, Version], Awaitable[Response]]
_Answer = Callable[[Request], Coroutine[None, None, Response]]


def _spoken(call: _Call) -> _Answer:
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
    said = head_of(request, version)
    creation = creation_of(request, said)
    services_of(request).policy.check_size(said.length or 0)  # what is too large for good is no matter of room
    pressure_of(request).check(said.length)
    created = await resuming.create(creation, services_of(request))
    try:
        standing = await with_first_bytes(request, version, said, creation, created)
    except IngestionError as fault:
        refusal = broken_off(request, version, said, fault)
        refusal.headers["Location"] = answers.url_of(request, version, created.ingest.id)
        return refusal
    return answers.created(request, version, standing)


@_spoken
async def head(request: Request, version: Version) -> Response:
    """Tell the offset (section "Offset Retrieval")."""
    standing = await resuming.standing(_id_of(request), _sender(request), services_of(request))
    return answers.stands(request, version, standing)


@_spoken
async def patch(request: Request, version: Version) -> Response:
    """Append to an upload (section "Upload Append")."""
    said = head_of(request, version)
    if version.types_appends and media_type_of(request.headers) != PARTIAL_UPLOAD:
        raise AppendTypeWrong(f"An append is {PARTIAL_UPLOAD}.")
    append = _append(request, version, said)
    try:
        standing = await resuming.append(_id_of(request), _sender(request), append, services_of(request))
    except UploadComplete as fault:
        standing = await _completed(request, append, fault)
    except IngestionError as fault:
        return broken_off(request, version, said, fault)
    return answers.appended(request, version, standing)


@_spoken
async def delete(request: Request, version: Version) -> Response:
    """End an upload (section "Upload Cancellation")."""
    await resuming.terminate(_id_of(request), _sender(request), services_of(request))
    return Response(status_code=204)


@_spoken
async def options(request: Request, version: Version) -> Response:
    """Tell that uploads can be resumed here, and their limits (section "Limits")."""
    return answers.offered(request, version)


def _append(request: Request, version: Version, said: Head) -> Append:
    if said.complete is None and version.completes_unsaid:
        said = replace(said, complete=True)
    if said.offset is None:
        raise BadUploadHeader("Upload-Offset says where the body belongs.")
    if said.complete is None:
        raise BadUploadHeader("Upload-Complete is ?1 where the upload ends with this body, else ?0.")
    return Append(large_body_of(request), said.offset, said.size, said.length, said.ends, said.checksum)


async def _completed(request: Request, append: Append, fault: UploadComplete) -> Standing:
    """Return a complete upload for a client that lost its receipt, and ends it again; all else is a mistake."""
    standing = await resuming.standing(_id_of(request), _sender(request), services_of(request))
    if append.ends and append.size == 0 and append.offset == standing.offset:
        return standing
    raise fault


def _sender(request: Request) -> Sender:
    return sender_of(request, WAY, body_is_file=False)


def _id_of(request: Request) -> str:
    return str(request.path_params["upload_id"])
