"""Creations of the draft: what they say of the file, and their first bytes; it leaves the answers to `calls`."""

from contextlib import suppress

from starlette.requests import Request

from api import resuming
from api.admission import sender_of
from api.bodies import parse_labels, sent_filename
from api.context import services_of
from api.ietf import answers
from api.ietf.heads import Head
from api.ietf.versions import FIELD, PARTIAL_UPLOAD, Version, media_type_of
from api.requests import INFORMATIONAL, Inform, large_body_of
from api.resuming import Append, Creation, Standing
from api.tus.headers import metadata_of
from shared.errors import BadUploadHeader, IncompleteBody, IngestionError, OffsetMismatch

WAY = "ietf"
"""How metrics and logs call this way in."""
UPLOAD_RESUMPTION_SUPPORTED = 104


def creation_of(request: Request, said: Head) -> Creation:
    """Return what is said of the file (section "Upload Creation").

    tus-js-client says it as in tus, and types a creation as an append. Raise BadUploadHeader.
    """
    if said.complete is None:
        raise BadUploadHeader("Upload-Complete is ?1 where the body is the whole file, else ?0.")
    if said.offset:
        raise BadUploadHeader("A creation begins at Upload-Offset 0.")
    metadata, labels = metadata_of(request.headers), request.query_params.get("labels")
    is_typed = media_type_of(request.headers) not in {"", PARTIAL_UPLOAD}
    return Creation(
        sender=sender_of(request, WAY, body_is_file=False),
        filename=sent_filename(request.headers, request.query_params) or metadata.filename,
        declared_type=request.headers["content-type"] if is_typed else metadata.declared_type,
        labels=parse_labels(labels) if labels else metadata.labels,
        length=said.length,
        metadata=metadata.raw,
    )


async def with_first_bytes(
    request: Request, version: Version, said: Head, creation: Creation, created: Standing
) -> Standing:
    """Append what the creation carries, unless a repeated Idempotency-Key has brought an upload back.

    Where that breaks off and the client cannot know the upload, it is ended.
    """
    if created.is_complete or (said.size == 0 and not said.complete):
        return created
    if created.offset:
        raise OffsetMismatch(created.offset, 0)
    is_known = await _announced(request, version, created) or creation.sender.idempotency_key is not None
    append = Append(large_body_of(request), 0, said.size, said.length, said.ends, said.checksum)
    try:
        return await resuming.append(created.ingest.id, creation.sender, append, services_of(request))
    except IncompleteBody:
        if not is_known:
            with suppress(IngestionError):
                await resuming.terminate(created.ingest.id, creation.sender, services_of(request))
        raise


async def _announced(request: Request, version: Version, created: Standing) -> bool:
    """Tell the upload's URL before its bytes, where the server can (section "Status Code 104"); return whether it was.

    Only a client that names its version may be told (section "Draft Version Identification").
    """
    inform: Inform | None = request.scope.get("extensions", {}).get(INFORMATIONAL)
    if inform is None or version.number is None:
        return False
    told = {FIELD: str(version.number), "Location": answers.url_of(request, version, created.ingest.id)}
    headers = told | answers.limits_of(request, version, created)
    lines = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await inform(UPLOAD_RESUMPTION_SUPPORTED, lines)
    return True
