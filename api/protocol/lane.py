"""The fast lane: the rest of one body is read by the transport into large buffers, past the parser.

It stands in for the protocol on the transport, reads exactly what Content-Length has left, and gives it back.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from api.gathering import batch_bytes
from api.protocol.body import Body

HAND_OVER_SECONDS = 0.25
"""How long bytes of a slow sender wait for a full buffer: the app is woken once for many of them."""
BUFFERS = 2
"""One is filled while the other is written."""


class Lane(asyncio.BufferedProtocol):
    """Fills one buffer after the other. A view of a filled part is the app's for as long as it holds it."""

    def __init__(
        self, parsing: asyncio.Protocol, body: Body, unread: Callable[[], None], leave: Callable[[], None]
    ) -> None:
        self._parsing, self._body, self._unread, self._leave = parsing, body, unread, leave
        self._left = body.left or 0
        self._buffers: deque[bytearray] = deque(maxlen=BUFFERS)
        self._buffer = memoryview(b"")
        self._given = self._filled = 0
        self._is_first = True
        self._timer: asyncio.TimerHandle | None = None

    def get_buffer(self, _sizehint: int) -> memoryview:
        """Return the free part of the buffer; it never reaches into the next request."""
        if self._filled == len(self._buffer):
            self._buffer = memoryview(self._free_buffer(min(self._left, batch_bytes())))
            self._given = self._filled = 0
        return self._buffer[self._filled :]

    def buffer_updated(self, nbytes: int) -> None:
        """Hand over what has come: the first bytes at once, since they are judged, then full buffers."""
        self._filled += nbytes
        self._left -= nbytes
        if self._is_first or not self._left or self._filled == len(self._buffer):
            self._hand_over()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(HAND_OVER_SECONDS, self._hand_over)
        if self._body.cycle.response_complete:
            self._unread()
        if not self._left:
            self._let_go()
            self._leave()

    def eof_received(self) -> bool | None:
        """See asyncio.BufferedProtocol."""
        return self._parsing.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Hand over what came before."""
        self._hand_over()
        self._let_go()
        self._parsing.connection_lost(exc)

    def pause_writing(self) -> None:
        """See asyncio.BaseProtocol."""
        self._parsing.pause_writing()

    def resume_writing(self) -> None:
        """See asyncio.BaseProtocol."""
        self._parsing.resume_writing()

    def _free_buffer(self, size: int) -> bytearray:
        """Return one of which no view is left, or a new one: that is filled with zeros first."""
        for buffer in self._buffers:
            if len(buffer) == size and _is_unseen(buffer):
                self._buffers.remove(buffer)
                break
        else:
            buffer = bytearray(size)
        self._buffers.append(buffer)
        return buffer

    def _hand_over(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._is_first = False
        if self._given < self._filled and not self._body.cycle.response_complete:
            self._body.take(self._buffer[self._given : self._filled])
        self._given = self._filled

    def _let_go(self) -> None:
        """Keep no buffer: the transport keeps this lane until its connection ends."""
        self._buffers.clear()
        self._buffer = memoryview(b"")
        self._given = self._filled = 0


def _is_unseen(buffer: bytearray) -> bool:
    """Tell whether no view of the buffer is left: only then may its length change."""
    try:
        buffer.append(0)
    except BufferError:
        return False
    buffer.pop()
    return True
