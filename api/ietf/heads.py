"""What the head of a request says of its upload, as a value; it leaves everything that any upload says to admission."""

from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request

from api.bodies import declared_length
from api.ietf import fields
from api.ietf.versions import Version
from shared.digest import Digest, parse_digest_header
from shared.errors import InconsistentLength


@dataclass(frozen=True, slots=True)
class Head:
    """None is what was not said, or not as the draft writes it."""

    complete: bool | None
    """Whether the upload ends with this body."""
    offset: int | None
    size: int | None
    """Bytes of this body; None where it is chunked."""
    length: int | None
    """Bytes of the whole."""
    checksum: Digest | None
    """Of this body; that of the whole is the sender's."""

    @property
    def ends(self) -> bool | None:
        """What the engine is told: where the client does not end the upload, its length does."""
        return self.complete or None


def head_of(request: Request, version: Version) -> Head:
    """Return what a request says. Raise IncompleteBody, BadDigestHeader, or InconsistentLength with itself."""
    headers = request.headers
    complete, size = _complete(headers, version), _size(request)
    offset = fields.integer(headers, "upload-offset")
    counted = (offset or 0) + size if complete and size is not None else None
    length = _length(fields.integer(headers, "upload-length"), counted)
    return Head(complete, offset, size, length, _checksum(headers))


def _size(request: Request) -> int | None:
    """Return Content-Length; in HTTP/1 a request that frames no body has none (RFC 9112, section 6.3)."""
    size = declared_length(request.headers)
    is_framed = "transfer-encoding" in request.headers or not request.scope["http_version"].startswith("1")
    return size if size is not None or is_framed else 0


def _complete(headers: Headers, version: Version) -> bool | None:
    if version.says_incomplete:
        incomplete = fields.boolean(headers, "upload-incomplete")
        return None if incomplete is None else not incomplete
    return fields.boolean(headers, "upload-complete")


def _length(said: int | None, counted: int | None) -> int | None:
    """Return the one length that both tell (section "Length")."""
    if said is not None and counted is not None and said != counted:
        raise InconsistentLength(f"Upload-Length says {said}, and the upload would end at {counted}.")
    return counted if said is None else said


def _checksum(headers: Headers) -> Digest | None:
    name = "content-digest"
    return parse_digest_header(", ".join(headers.getlist(name))) if name in headers else None
