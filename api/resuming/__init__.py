"""Resuming: uploads that come in parts, created, appended to and ended; it leaves headers and answers to the protocols.

The bytes go through the same checks as in intake, and the end of an upload is the same one commit and ring.
"""

from collections.abc import Sequence

from api.intake import Sender
from api.resuming.values import Append, Creation, Standing
from shared.wiring import Services

__all__ = ["Append", "Creation", "Standing", "append", "create", "join", "standing", "terminate"]


async def create(creation: Creation, services: Services) -> Standing:
    """Record a receiving ingest with an empty upload, for which room is kept; both are durable when this returns.

    A sender that repeats its idempotency key gets the first one, wherever it stands by now.
    Where its length is 0 it is over at once, rejected as empty; see docs/decisions/0013-resumable-uploads.md.
    Raise TooLarge, StorageFull, BadFilename or IdempotencyKeyReused.
    """
    raise NotImplementedError


async def append(ingest_id: str, sender: Sender, appended: Append, services: Services) -> Standing:
    """Append a body; what of it came is durable when this returns or raises, unless it has a checksum that fails.

    The last byte makes the ingest received. A newer append takes over from one that still waits for its sender.
    Raise NotFound, UploadGone, UploadBusy, OffsetMismatch, UploadComplete, InconsistentLength, TooLarge,
    ChecksumMismatch, DigestMismatch, MediaTypeNotAllowed, IncompleteBody, IdleTimeout, TooSlow, StorageFull, Stopping.
    """
    raise NotImplementedError


async def standing(ingest_id: str, principal: str, services: Services) -> Standing:
    """Return where an upload stands, without any claim, unless all bytes are there: then it is completed first.

    Raise NotFound, UploadGone, or UploadBusy while another request completes it.
    """
    raise NotImplementedError


async def terminate(ingest_id: str, principal: str, services: Services) -> None:
    """End an upload that is not complete, and remove its bytes.

    Raise NotFound, UploadGone, UploadBusy or UploadComplete.
    """
    raise NotImplementedError


async def join(creation: Creation, parts: Sequence[str], services: Services) -> Standing:
    """Make one received ingest of complete parts, in order; a repeat with the same parts returns the first one.

    Raise NotJoinable, TooLarge or StorageFull.
    """
    raise NotImplementedError
