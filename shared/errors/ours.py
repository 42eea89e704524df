"""Our faults, which pass."""

import logging

from shared.errors.base import OurError


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
