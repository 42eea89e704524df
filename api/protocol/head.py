"""What comes beside bodies: how large a head or trailers are so far, and a time; it leaves refusing to the protocol."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

HEAD_BYTES = 64 * 1024
"""For a head with its trailers: uvicorn's parser has no limit of its own."""


@dataclass(slots=True)
class Heard:
    """What of one request has come, beside its body."""

    named: bool = False
    """Whether a request has begun: empty lines may come before one (RFC 9112, section 2.2)."""
    silent: int = 0
    """Bytes since the last that showed: what the parser may be holding."""
    parsed: int = 0
    """Bytes of the target, of header fields and of trailers."""

    @property
    def begun(self) -> bool:
        """Whether any byte has come."""
        return self.named or self.silent > 0

    @property
    def too_large(self) -> bool:
        """Whether it is over the limit."""
        return max(self.silent, self.parsed) > HEAD_BYTES


class Limit:
    """A time after which `over` is called, unless it has ended before."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, over: Callable[[], None]) -> None:
        self._loop, self._seconds, self._over = loop, seconds, over
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Let the time run from now on, if it does not yet."""
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._ring)

    def end(self) -> None:
        """Let it run no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        self._over()
