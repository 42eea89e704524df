"""Resuming: uploads that come in parts, created, appended to and ended; it leaves headers and answers to the protocols.

The bytes go through the same checks as in intake, and the end of an upload is the same one commit and ring.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from api.intake import Sender
from shared.digest import Digest
from shared.ingest import Ingest
from shared.resumable import Resumable
from shared.wiring import Services


@dataclass(frozen=True)
class Creation:
    """What a sender says of an upload before its bytes; `sender.digest` is of the whole."""

    sender: Sender
    filename: str
    declared_type: str | None = None
    labels: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    """Bytes of the whole; None where that will be said later."""
    metadata: str = ""
    """As the sender wrote it, to give it back."""
    is_part: bool = False


@dataclass(frozen=True)
class Append:
    """One request's bytes for an upload."""

    body: AsyncIterator[bytes]
    offset: int
    """Where the sender believes that the upload stands."""
    size: int | None = None
    """Bytes of this body (Content-Length); None where it is chunked."""
    length: int | None = None
    """Bytes of the whole, where this request says so."""
    ends: bool | None = None
    """Whether the upload ends with this body (IETF: Upload-Complete); None where its length tells (tus)."""
    checksum: Digest | None = None
    """Of this body: where it does not match, none of it counts."""


@dataclass(frozen=True)
class Standing:
    """Where an upload stands. `offset` bytes of it are durable."""

    ingest: Ingest
    resumable: Resumable
    offset: int


async def create(creation: Creation, services: Services) -> Standing:
    """Record a receiving ingest with an empty upload, for which room is kept; both are durable when this returns.

    A sender that repeats its idempotency key gets the first one, wherever it stands by now.
    Raise TooLarge, StorageFull, BadFilename or IdempotencyKeyReused.
    """
    raise NotImplementedError


async def append(ingest_id: str, principal: str, appended: Append, services: Services) -> Standing:
    """Append a body; what of it came is durable when this returns or raises, unless its checksum does not match.

    The last byte makes the ingest received. A newer append takes over from one that still waits for its sender.
    Raise NotFound, UploadGone, UploadBusy, OffsetMismatch, UploadComplete, InconsistentLength, TooLarge,
    ChecksumMismatch, DigestMismatch, MediaTypeNotAllowed, IncompleteBody, IdleTimeout, TooSlow, StorageFull, Stopping.
    """
    raise NotImplementedError


async def standing(ingest_id: str, principal: str, services: Services) -> Standing:
    """Return where an upload stands, without any claim. Raise NotFound or UploadGone."""
    raise NotImplementedError


async def terminate(ingest_id: str, principal: str, services: Services) -> None:
    """End an upload that is not complete, and remove its bytes. Raise NotFound, UploadGone, UploadComplete."""
    raise NotImplementedError


async def join(creation: Creation, parts: Sequence[str], services: Services) -> Standing:
    """Make one received ingest of complete parts, in order; a repeat with the same parts returns the first one.

    Raise NotJoinable, TooLarge or StorageFull.
    """
    raise NotImplementedError
