"""Admission: what a request says before its first body byte, as values; it leaves the body itself to intake."""

import re
import secrets

from starlette.requests import Request

from api.bodies import MultipartUpload, RawUpload, Upload, declared_length, raw_filename
from api.callers import principal
from api.context import turns_of
from api.intake import Sender
from api.requests import body_of, large_body_of
from shared.digest import Digest, parse_digest_header
from shared.errors import BadDigestHeader, BadIdempotencyKey, EmptyFile
from shared.policy import Policy

MAX_KEY_LENGTH = 255
MULTIPART_OVERHEAD = 64 * 1024
"""How many bytes a multipart body may have beyond its file, when its length is judged beforehand."""

_KEY = re.compile(rf"[\x21-\x7e]{{1,{MAX_KEY_LENGTH}}}")
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def admitted(request: Request, policy: Policy) -> tuple[Upload, Sender]:
    """Return the upload and its sender; raise what can be told without the file's bytes."""
    content_type = request.headers.get("content-type", "")
    if content_type.lower().startswith("multipart/form-data"):
        return _multipart(request, content_type, policy)
    return _raw(request, content_type, policy), sender_of(request, "raw", body_is_file=True)


def _multipart(request: Request, content_type: str, policy: Policy) -> tuple[Upload, Sender]:
    length = declared_length(request.headers)
    if length is not None:
        policy.check_size(max(0, length - MULTIPART_OVERHEAD))
    return MultipartUpload(body_of(request), content_type), sender_of(request, "multipart", body_is_file=False)


def _raw(request: Request, content_type: str, policy: Policy) -> RawUpload:
    length = declared_length(request.headers)
    if length == 0:
        raise EmptyFile
    if length is not None:
        policy.check_size(length)
    name = raw_filename(request.headers, request.query_params)
    return RawUpload(large_body_of(request), name, content_type or None, length, request.query_params.get("labels"))


def sender_of(request: Request, way: str, *, body_is_file: bool) -> Sender:
    """Return who sends, and what the request's head says beside the file."""
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise BadIdempotencyKey
    return Sender(
        principal=principal(request),
        way=way,
        traceparent=traceparent(request.headers.get("traceparent", "")),
        idempotency_key=key,
        digest=_declared_digest(request, body_is_file=body_is_file),
        turns=turns_of(request),
    )


def _declared_digest(request: Request, *, body_is_file: bool) -> Digest | None:
    """Return the file's declared SHA-256 (RFC 9530).

    Repr-Digest is the file's in all ways. Content-Digest is that of the body, which is the file only when it is raw.
    """
    representation = request.headers.get("repr-digest")
    content = request.headers.get("content-digest") if body_is_file else None
    digests = {parse_digest_header(value) for value in (representation, content) if value is not None} - {None}
    if len(digests) > 1:
        raise BadDigestHeader("Repr-Digest and Content-Digest name different digests of the same bytes.")
    return digests.pop() if digests else None


def traceparent(sent: str) -> str:
    """Return the caller's trace context (W3C Trace Context, section 3.2) if valid, else a new one."""
    if _TRACEPARENT.fullmatch(sent):
        return sent
    noise = secrets.token_hex(24)
    return f"00-{noise[:32]}-{noise[32:]}-00"
