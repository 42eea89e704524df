"""Faults of a request, by which nothing was accepted."""

from shared.errors.base import SenderError


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


class TooSlow(SenderError):
    """Bytes came, but fewer in a second than RECEIVE_BYTES_A_SECOND."""

    status = 408
    code = "too_slow"
    title = "The body came too slowly"
    remedy = "Send the whole file again over a faster connection, or as a resumable upload."


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
