"""What tus 1.0.0 answers, as headers; it leaves what stands to the engine."""

from email.utils import format_datetime

from starlette.requests import Request

from api.context import services_of
from api.resuming import Standing
from api.tus.headers import CHECKSUM_BYTES, VERSION
from shared.policy import Policy
from shared.resumable import Resumable

EXTENSIONS = (
    "creation", "creation-with-upload", "creation-defer-length", "expiration", "checksum", "termination",
    "concatenation",
)  # fmt: skip


def admitted(policy: Policy) -> dict[str, str]:
    """See "OPTIONS"."""
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": ",".join(EXTENSIONS),
        "Tus-Max-Size": str(policy.max_bytes),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUM_BYTES),
    }


def created(request: Request, found: Standing) -> dict[str, str]:
    """See "Creation"."""
    return {"Location": location(request, found.ingest.id), **expiry(found.resumable)}


def location(request: Request, upload_id: str) -> str:
    """Return the upload's URL: below PUBLIC_URL where we have one, else as the sender called us."""
    base = services_of(request).settings.public_url or f"{request.url.scheme}://{request.url.netloc}"
    return f"{base.rstrip('/')}/uploads/{upload_id}"


def stands(found: Standing) -> dict[str, str]:
    """See "HEAD", "Upload-Metadata", "Upload-Concat" and "Upload-Expires"."""
    said = {"Upload-Metadata": found.resumable.metadata, "Upload-Concat": found.resumable.concat}
    return {
        "Cache-Control": "no-store",
        **appended(found),
        **({"Upload-Defer-Length": "1"} if found.length is None else {"Upload-Length": str(found.length)}),
        **{name: value for name, value in said.items() if value},
    }


def appended(found: Standing) -> dict[str, str]:
    """See "PATCH"."""
    return {"Upload-Offset": str(found.offset), **expiry(found.resumable)}


def expiry(resumable: Resumable) -> dict[str, str]:
    """See "Upload-Expires"; a complete upload is forgotten then, its file is not."""
    return {"Upload-Expires": format_datetime(resumable.expires_at, usegmt=True)}
