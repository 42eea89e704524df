"""Faults of a request's head, before any route knows of the request."""

from shared.errors.base import SenderError


class HeadTimeout(SenderError):
    """The head did not come in time."""

    status = 408
    code = "head_timeout"
    title = "The head of the request came too slowly"
    remedy = "Send the request again, without pauses."


class HeadTooLarge(SenderError):
    """The head is over the limit."""

    status = 431
    code = "head_too_large"
    title = "The head of the request is too large"
    remedy = "Send fewer or shorter headers."
