"""Requests that do not fit the state of an ingest."""

from shared.errors.base import SenderError


class NotFound(SenderError):
    """No such thing, or it is another's."""

    status = 404
    code = "not_found"
    title = "Not found"
    remedy = "Check the id."


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
