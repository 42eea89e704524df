"""One request's body on its way from the protocol to the app; it leaves parsing and reading to those two lanes.

It stands in the request's scope as the extension `hmas.body`, a `BodySource` of `api.requests`.
"""

from collections import deque
from collections.abc import Callable
from typing import cast

from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGIReceiveEvent, ASGISendCallable, Scope
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Body:
    """Pieces that wait for the app. uvicorn copies each twice, this one none that waits alone."""

    cycle: RequestResponseCycle
    """The request; the protocol sets it as soon as it is there."""

    def __init__(self, flow: FlowControl, declared: int | None, enter_lane: Callable[["Body"], None]) -> None:
        self._flow, self._enter_lane = flow, enter_lane
        self.left = declared
        """Bytes that have not come yet; None where their number was not declared."""
        self._pieces: deque[bytes | memoryview] = deque()
        self._waiting = 0
        self._ended = self._is_straight = False

    def read_straight(self) -> None:
        """See BodySource."""
        over = self._is_straight or self.cycle.disconnected or self.cycle.response_complete
        if self.left and not over:
            self._is_straight = True
            self._enter_lane(self)

    def take(self, piece: bytes | memoryview) -> None:
        """Take the next piece in; past uvicorn's high water nothing more is read until the app has asked for it."""
        if self.left is not None:
            self.left -= len(piece)
        self._pieces.append(piece)
        self._waiting += len(piece)
        if self._waiting > HIGH_WATER_LIMIT:
            self._flow.pause_reading()
        self.cycle.message_event.set()

    def given_to(self, app: ASGI3Application) -> ASGI3Application:
        """Return the app with this body as its `receive`; what it has not read at its end is let go."""

        async def run(scope: Scope, _receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
            try:
                await app(scope, self.receive, send)
            finally:
                self._pieces.clear()

        return run

    async def receive(self) -> ASGIReceiveEvent:
        """Return the next piece, the end, or the disconnection after all that came before it (ASGI `receive`)."""
        cycle = self.cycle
        if cycle.waiting_for_100_continue and not cycle.transport.is_closing():
            cycle.transport.write(CONTINUE)
            cycle.waiting_for_100_continue = False
        while not (self._pieces or self._at_end or cycle.disconnected or cycle.response_complete):
            self._flow.resume_reading()
            await cycle.message_event.wait()
            cycle.message_event.clear()
        if cycle.response_complete or not (self._pieces or self._at_end):
            return {"type": "http.disconnect"}
        return self._message()

    @property
    def _at_end(self) -> bool:
        return not (self.cycle.more_body or self._ended)

    def _message(self) -> ASGIReceiveEvent:
        piece = self._next()
        more = self.cycle.more_body or bool(self._pieces)
        if not more:
            self._ended = True
            self._flow.resume_reading()
        return {"type": "http.request", "body": piece, "more_body": more}

    def _next(self) -> bytes:
        """Take pieces out: one as it is, or several small ones as one, since many cost more than a copy of them."""
        taken: list[bytes | memoryview] = []
        size = 0
        while self._pieces and (not taken or size + len(self._pieces[0]) <= HIGH_WATER_LIMIT):
            taken.append(self._pieces.popleft())
            size += len(taken[-1])
        self._waiting -= size
        # ASGI says bytes. Views come to those alone who have asked for them by read_straight.
        return cast("bytes", taken[0]) if len(taken) == 1 else b"".join(taken)
