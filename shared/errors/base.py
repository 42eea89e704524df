"""The shape of every fault, and whose it may be."""

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
