"""Every fault by name: whose it is, its status, code, log level and retry; it leaves rendering to the edges.

The caller's faults are 4xx, ours are 5xx. `docs/errors.md` is compared with this module by a test.
"""

import logging
from typing import ClassVar


class IngestionError(Exception):
    """A fault with a stable code. `detail` is safe to show: no path, no stack trace."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "We failed"
    remedy: ClassVar[str] = "Try again later; if it stays, report the request id."
    log_level: ClassVar[int] = logging.ERROR
    retry_after: float | None = None
    """Seconds after which the same request may succeed; None where a repeat will not help."""

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        if retry_after is not None:
            self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """The response headers that belong to this fault."""
        return {} if self.retry_after is None else {"Retry-After": str(max(1, round(self.retry_after)))}


class SenderError(IngestionError):
    """The caller's fault: nothing was accepted, nothing was left behind."""

    status = 400
    log_level = logging.INFO


class OurError(IngestionError):
    """Our fault, and passing: the same request may succeed later."""

    status = 503
    log_level = logging.ERROR
    retry_after = 5.0


class BadRequest(SenderError):
    """The request cannot be read at all."""

    code = "bad_request"
    title = "The request cannot be read"
    remedy = "See the API's documentation."


class EmptyFile(SenderError):
    """The body held no bytes."""

    code = "empty_file"
    title = "The file is empty"
    remedy = "Send at least one byte."


class BadFilename(SenderError):
    """The name cannot be made safe."""

    code = "bad_filename"
    title = "The filename cannot be used"
    remedy = "Send a name with at least one letter or digit and at most 1024 bytes."


class BadMultipart(SenderError):
    """The multipart body breaks RFC 7578, or lacks the one part that we take."""

    code = "bad_multipart"
    title = "The multipart body cannot be read"
    remedy = "Send multipart/form-data with exactly one part named 'file' that carries a filename."


class BadDigestHeader(SenderError):
    """Content-Digest or Repr-Digest breaks RFC 9530."""

    code = "bad_digest_header"
    title = "The digest header cannot be read"
    remedy = "Send e.g. Repr-Digest: sha-256=:<base64 of the 32 bytes>:"


class BadLabels(SenderError):
    """`labels` is no JSON object of short strings."""

    code = "bad_labels"
    title = "The labels cannot be used"
    remedy = "Send a JSON object of at most 32 strings, 4096 bytes in all."


class BadIdempotencyKey(SenderError):
    """The key is empty, too long or not printable."""

    code = "bad_idempotency_key"
    title = "The Idempotency-Key cannot be used"
    remedy = "Send 1 to 255 printable ASCII characters, for example a UUID."


class BadQuery(SenderError):
    """A query parameter is out of its range or shape."""

    code = "bad_query"
    title = "A query parameter cannot be used"
    remedy = "See the API's documentation for its values."


class BadCursor(SenderError):
    """The cursor was not made by us for these filters."""

    code = "bad_cursor"
    title = "The cursor is not valid"
    remedy = "Start again without a cursor, and pass 'next_cursor' back unchanged with the same filters."


class IncompleteBody(SenderError):
    """Fewer bytes came than were declared, or the connection broke."""

    code = "incomplete_body"
    title = "The body ended early"
    remedy = "Send the whole file again."


class NotFound(SenderError):
    """No such thing, or it is another's."""

    status = 404
    code = "not_found"
    title = "Not found"
    remedy = "Check the id."


class MethodNotAllowed(SenderError):
    """The route exists, but not for this method."""

    status = 405
    code = "method_not_allowed"
    title = "This method is not allowed here"
    remedy = "Use one of the methods in the Allow header."

    def __init__(self, allowed: str) -> None:
        super().__init__(f"Allowed: {allowed}.")
        self.allowed = allowed

    @property
    def headers(self) -> dict[str, str]:
        """RFC 9110, section 15.5.6: the answer names the methods."""
        return {"Allow": self.allowed}


class IdleTimeout(SenderError):
    """No byte came for too long."""

    status = 408
    code = "idle_timeout"
    title = "The body stalled"
    remedy = "Send the whole file again, without pauses."


class StaleState(SenderError):
    """The ingest moved on between our reading and our writing."""

    status = 409
    code = "stale_state"
    title = "The ingest has just moved on"
    remedy = "Read it again and repeat."


class NotReplayable(SenderError):
    """Only a failed ingest, or one with dead deliveries, can be driven again."""

    status = 409
    code = "not_replayable"
    title = "There is nothing to replay"
    remedy = "Only failed ingests and dead deliveries can be replayed."


class NotReleasable(SenderError):
    """Only a rejected ingest can be released."""

    status = 409
    code = "not_releasable"
    title = "There is nothing to release"
    remedy = "Only rejected ingests in quarantine can be released."


class AlreadyFinal(SenderError):
    """It ended in another way and has no bytes."""

    status = 409
    code = "already_final"
    title = "The ingest has already ended"
    remedy = "Nothing is left to do."


class InProgress(SenderError):
    """It has no final state yet."""

    status = 409
    code = "in_progress"
    title = "The ingest is still in progress"
    remedy = "Wait for its final state and repeat."
    retry_after = 1.0


class ContentGone(SenderError):
    """The bytes were deleted; the tombstone stays."""

    status = 410
    code = "content_gone"
    title = "The bytes were deleted"
    remedy = "Send the file again if you need it."


class TooLarge(SenderError):
    """The file is over the limit."""

    status = 413
    code = "too_large"
    title = "The file is too large"
    remedy = "Send a smaller file."


class MediaTypeNotAllowed(SenderError):
    """The policy does not admit what the first bytes show."""

    status = 415
    code = "media_type_not_allowed"
    title = "This type of file is not admitted"
    remedy = "Send a type that the policy admits."


class RangeNotSatisfiable(SenderError):
    """The range lies behind the end (RFC 9110, section 15.5.17)."""

    status = 416
    code = "range_not_satisfiable"
    title = "The range lies behind the end"
    remedy = "Ask for a range inside the size."

    def __init__(self, size: int) -> None:
        super().__init__(f"The content has {size} bytes.")
        self.size = size

    @property
    def headers(self) -> dict[str, str]:
        """RFC 9110, section 14.4: the unsatisfied range names the size."""
        return {"Content-Range": f"bytes */{self.size}"}


class DigestMismatch(SenderError):
    """The bytes do not hash to what the sender declared."""

    status = 422
    code = "digest_mismatch"
    title = "The digest does not match"
    remedy = "The bytes changed on the way, or the digest is of another file: send both again."

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(f"Declared {expected}, received {actual}.")
        self.expected, self.actual = expected, actual


class IdempotencyKeyReused(SenderError):
    """The key has already named another file."""

    status = 422
    code = "idempotency_key_reused"
    title = "The Idempotency-Key belongs to another file"
    remedy = "Use a new key for a new file."


class RateLimited(SenderError):
    """Too many requests from this caller."""

    status = 429
    code = "rate_limited"
    title = "Too many requests"
    remedy = "Wait for the seconds in Retry-After."
    retry_after = 60.0


class StorageFull(OurError):
    """The disk has no room for this file."""

    status = 507
    code = "storage_full"
    title = "There is no room for this file"
    remedy = "Try again later, or send a smaller file."
    retry_after = 60.0


class Unavailable(OurError):
    """A part that we need does not answer."""

    code = "unavailable"
    title = "A part that we need does not answer"
    remedy = "Send the same request again after Retry-After; use an Idempotency-Key."


class Overloaded(OurError):
    """So much waits already that more is not taken in; see `WAITING_HIGH`."""

    code = "overloaded"
    title = "Too much waits already"
    remedy = "Send the same request again after Retry-After."
    log_level = logging.WARNING


class Stopping(OurError):
    """This process is about to end; the next one takes the same request."""

    code = "stopping"
    title = "This server is being restarted"
    remedy = "Send the same request again after Retry-After."
    log_level = logging.INFO
    retry_after = 1.0


class OutcomeUnknown(Unavailable):
    """The catalog broke off during a commit: what was being recorded may or may not be there."""

    code = "outcome_unknown"
    title = "Whether it was taken in is not known"
    remedy = "Send the same request again with its Idempotency-Key; without one it may be taken in twice."


class LeaseLost(IngestionError):
    """Another worker has the ingest now: this one's result must not be written."""

    code = "lease_lost"
    title = "The lease was lost"
    log_level = logging.WARNING


class DuplicateIngest(IngestionError):
    """The idempotency key has already been recorded, with the ingest `existing`."""

    code = "duplicate_ingest"
    title = "The ingest was already recorded"
    log_level = logging.INFO

    def __init__(self, existing: str, fingerprint: str) -> None:
        super().__init__("This Idempotency-Key was already used.")
        self.existing, self.fingerprint = existing, fingerprint


class StoredBytesDiffer(IngestionError):
    """The object store holds other bytes than the receipt says."""

    code = "stored_bytes_differ"
    title = "The stored bytes differ from the receipt"
    log_level = logging.CRITICAL


class StoredBytesMissing(IngestionError):
    """The object store has nothing under the id of a receipt."""

    code = "stored_bytes_missing"
    title = "The stored bytes are not there"
    log_level = logging.CRITICAL


class DeliveryRefused(IngestionError):
    """Perception's sink did not take the event; the text says what it answered."""

    code = "delivery_refused"
    title = "The sink did not take the event"
    log_level = logging.WARNING
