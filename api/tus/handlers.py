"""The five calls of tus 1.0.0: who, how much, and what for, before the first byte; the bytes are the engine's."""

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from api import resuming
from api.admission import sender_of
from api.bodies import declared_length
from api.context import pressure_of, services_of
from api.early import EarlyResponse
from api.intake import Sender
from api.requests import large_body_of
from api.resuming import Append, Creation, Standing
from api.tus import answers
from api.tus.headers import (
    Concat,
    check_append_type,
    check_version,
    checksum_of,
    concat_of,
    created_length,
    is_append,
    length_of,
    metadata_of,
    offset_of,
)
from shared.errors import BadUploadHeader, FinalUpload, IngestionError, OffsetMismatch, TooLarge, UploadComplete


async def options(request: Request) -> Response:
    """See "OPTIONS"."""
    return Response(headers=answers.admitted(services_of(request).policy))


async def post(request: Request) -> Response:
    """See "Creation", "Creation With Upload" and "Concatenation"."""
    check_version(request.headers)
    sender, concat = _sender(request), concat_of(request.headers)
    if concat and concat.parts is not None:
        return await _join(request, sender, concat, concat.parts)
    creation = _creation(request, sender, concat)
    first = _append(request, 0) if _brings_bytes(request) else None
    services_of(request).policy.check_size(creation.length or 0)  # what is too large for good is no matter of room
    pressure_of(request).check(creation.length)
    found = await resuming.create(creation, services_of(request))
    if first and found.offset == 0:  # a repeat of the key may find bytes there: it is told where to go on
        found = await _first_append(request, sender, found, first)
    said = answers.appended(found) if is_append(request.headers) else {}
    return EarlyResponse(status_code=201, headers=answers.created(request, found) | said)


async def head(request: Request) -> Response:
    """See "HEAD"."""
    check_version(request.headers)
    found = await resuming.standing(_id(request), _sender(request), services_of(request))
    return Response(headers=answers.stands(found))


async def patch(request: Request) -> Response:
    """See "PATCH"."""
    check_version(request.headers)
    check_append_type(request.headers)
    sender, appended = _sender(request), _append(request, offset_of(request.headers))
    try:
        found = await resuming.append(_id(request), sender, appended, services_of(request))
    except UploadComplete:
        found = await _complete_already(request, _id(request), sender, appended)
    return Response(status_code=204, headers=answers.appended(found))


async def delete(request: Request) -> Response:
    """See "Termination"."""
    check_version(request.headers)
    await resuming.terminate(_id(request), _sender(request), services_of(request))
    return Response(status_code=204)


def _id(request: Request) -> str:
    return str(request.path_params["upload_id"])


def _sender(request: Request) -> Sender:
    return sender_of(request, "tus", body_is_file=False)


def _creation(request: Request, sender: Sender, concat: Concat | None) -> Creation:
    metadata = metadata_of(request.headers)
    is_final = concat is not None and concat.parts is not None
    return Creation(
        sender=sender,
        filename=metadata.filename,
        declared_type=metadata.declared_type,
        labels=metadata.labels,
        length=None if is_final else created_length(request.headers),
        metadata=metadata.raw,
        concat=concat.raw if concat else "",
        is_part=concat is not None and not is_final,
    )


async def _join(request: Request, sender: Sender, concat: Concat, parts: tuple[str, ...]) -> Response:
    if length_of(request.headers) is not None:
        raise BadUploadHeader("A final upload has the length of its parts: Upload-Length must not be there.")
    pressure_of(request).check(None)
    found = await resuming.join(_creation(request, sender, concat), parts, services_of(request))
    return Response(status_code=201, headers=answers.created(request, found))


def _brings_bytes(request: Request) -> bool:
    """Tell whether the request has a body that is the upload's beginning. Raise AppendTypeWrong for another one."""
    if declared_length(request.headers):
        check_append_type(request.headers)
    return _has_body(request) and is_append(request.headers)


def _has_body(request: Request) -> bool:
    return bool(declared_length(request.headers)) or "transfer-encoding" in request.headers


def _append(request: Request, offset: int) -> Append:
    return Append(
        body=large_body_of(request),
        offset=offset,
        size=declared_length(request.headers),
        length=length_of(request.headers),
        checksum=checksum_of(request.headers),
    )


async def _first_append(request: Request, sender: Sender, created: Standing, first: Append) -> Standing:
    """Append the body of a creation. Where that fails nobody learns the upload's URL, unless a key can name it."""
    services = services_of(request)
    try:
        return await resuming.append(created.ingest.id, sender, first, services)
    except UploadComplete:
        return await _complete_already(request, created.ingest.id, sender, first)
    except OffsetMismatch:  # it is a repeat under a key, and the first one was still sending: that is taken over
        return await resuming.standing(created.ingest.id, sender, services)
    except IngestionError:
        if sender.idempotency_key is None:
            with suppress(IngestionError):  # it may have ended by itself
                await resuming.terminate(created.ingest.id, sender, services)
        raise


async def _complete_already(request: Request, upload_id: str, sender: Sender, appended: Append) -> Standing:
    """Answer a repeat of the last append, whose answer may have been lost; raise where it is something else."""
    found = await resuming.standing(upload_id, sender, services_of(request))
    if found.resumable.parts:
        raise FinalUpload
    if found.offset != appended.offset:
        raise OffsetMismatch(found.offset, appended.offset)
    if _has_body(request):
        raise TooLarge(f"The upload is complete, with {found.offset} bytes.")
    return found
