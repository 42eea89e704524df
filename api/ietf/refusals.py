"""Refusals: our problem documents, with the draft's type where it has one, and what a client reads from the headers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.context import services_of
from api.ietf.answers import limits
from api.ietf.heads import Head
from api.ietf.versions import PARTIAL_UPLOAD, Version
from api.problems import problem
from shared.errors import (
    AppendTypeWrong,
    ChecksumMismatch,
    DigestMismatch,
    InconsistentLength,
    IngestionError,
    MediaTypeNotAllowed,
    NotFound,
    OffsetMismatch,
    TooLarge,
    UploadComplete,
    UploadGone,
)

_REGISTRY = "https://iana.org/assignments/http-problem-types#"
_TYPES: Mapping[type[IngestionError], str] = MappingProxyType(
    {
        OffsetMismatch: "mismatching-upload-offset",
        UploadComplete: "completed-upload",
        InconsistentLength: "inconsistent-upload-length",
        ChecksumMismatch: "digest-mismatched-values",
        DigestMismatch: "digest-mismatched-values",
    }
)
_ENDS = (DigestMismatch, MediaTypeNotAllowed)
"""The upload is over by these, though not received."""
_UNTOLD = (NotFound, TooLarge, UploadComplete, UploadGone)
"""There is nothing to resume, or (more bytes than the policy admits, or only than the upload's length) it depends."""


def refused(request: Request, version: Version, fault: IngestionError) -> Response:
    """Answer a request by the fault alone."""
    answer = problem(request, fault, _own(fault))
    if isinstance(fault, TooLarge):
        answer.headers.update(limits(request, version, services_of(request).settings.upload_hours * 3600))
    if isinstance(fault, AppendTypeWrong):
        answer.headers["Accept-Patch"] = PARTIAL_UPLOAD
    return answer


def broken_off(request: Request, version: Version, head: Head, fault: IngestionError) -> Response:
    """Answer a request whose bytes were for an upload: whether that goes on is in the field for its completeness.

    True says that the file itself was refused, false that the upload can be resumed (section "Upload Append").
    """
    answer = refused(request, version, fault)
    if not isinstance(fault, _UNTOLD):
        over = isinstance(fault, _ENDS) and (bool(head.complete) or version.may_end_early)
        answer.headers.update(version.completeness(over))
    return answer


def _own(fault: IngestionError) -> dict[str, Any]:
    """Return the members of the draft's problem types, and of those of the digest fields."""
    named = next((name for kind, name in _TYPES.items() if isinstance(fault, kind)), None)
    own: dict[str, Any] = {"type": _REGISTRY + named} if named else {}
    if isinstance(fault, OffsetMismatch):
        own |= {"expected-offset": fault.offset, "provided-offset": fault.sent}
    if isinstance(fault, ChecksumMismatch):
        own |= {"status": DigestMismatch.status}  # 460 is only tus'
    return own
