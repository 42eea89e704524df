"""uvicorn's protocol with a time and a size for heads, and with bodies that are not copied.

It leaves everything else to uvicorn: 100-continue, keep-alive, pipelining, back-pressure, the stop. It knows no
WebSockets: `python -m api` serves none.
"""

import asyncio
from typing import Any

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from api.early import LINGER_SECONDS
from api.protocol.body import Body
from api.protocol.head import HEAD_BYTES, Heard, Limit
from api.protocol.interim import informing
from api.protocol.lane import Lane
from api.protocol.refusal import refusal
from api.requests import BODY_SOURCE, INFORMATIONAL
from shared.errors import BadRequest, HeadTimeout, HeadTooLarge, IngestionError


class Protocol(HttpToolsProtocol):
    """One connection."""

    header_seconds = 10.0

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._heard = Heard()
        self._in_body = False
        """Whether the parser is behind a head, and else before or in one."""
        self._limit = Limit(self.loop, self.header_seconds, self._too_late)
        self._is_deaf = False
        """Whether what comes is read away, since the connection ends."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Expect the first byte in time too."""
        super().connection_made(transport)
        self._limit.begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """See uvicorn."""
        self._limit.end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and watch what does not belong to a body that is read."""
        if self._is_deaf:
            return
        if not self._heard.begun:
            self._limit.end()
        self._heard.silent += len(data)
        super().data_received(data)
        self._watch()

    def on_message_begin(self) -> None:
        """See uvicorn."""
        self._heard.named = True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count."""
        self._heard.parsed += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count."""
        self._heard.parsed += len(name) + len(value)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin the request with a body and the extensions of ours."""
        if self._is_deaf:
            return
        if self._heard.parsed > HEAD_BYTES:
            self._refuse(HeadTooLarge())
            return
        body = Body(self.flow, self._declared(), self._enter_lane)
        extensions: dict[str, Any] = {BODY_SOURCE: body, INFORMATIONAL: informing(body)}
        self.scope["extensions"] = extensions
        super().on_headers_complete()
        body.cycle = self.cycle
        self._body, self._in_body, self._heard.silent = body, True, 0
        self._limit.end()

    def on_body(self, body: bytes) -> None:
        """Keep the piece as it is."""
        self._heard.silent = 0
        if not (self._is_deaf or self.cycle.response_complete):
            self._body.take(body)

    def on_message_complete(self) -> None:
        """Expect the next head."""
        if not self._is_deaf:
            self._heard, self._in_body = Heard(), False
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be parsed by a problem document."""
        if not self._is_deaf:
            self._refuse(BadRequest(msg))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        body: Any = cycle.scope["extensions"][BODY_SOURCE]
        super()._start_asgi_task(cycle, body.given_to(app))

    def _declared(self) -> int | None:
        """Return Content-Length; the parser has refused two of them, and one beside Transfer-Encoding."""
        lengths = [value for name, value in self.headers if name == b"content-length"]
        return int(lengths[0]) if lengths and lengths[0].isdigit() else None

    def _watch(self) -> None:
        """Give a head, and the rest of a body that nobody reads any more, their time and size."""
        if self._is_deaf:
            return
        if self._heard.too_large:
            self._refuse(HeadTooLarge())
        elif self._in_body and self.cycle.response_complete:
            self._unread()
        elif self._heard.begun and not self._in_body:
            self._limit.begin()

    def _unread(self) -> None:
        """Give what comes after the answer its time: uvicorn gives it none once a byte of it has come."""
        self._unset_keepalive_if_required()
        self._limit.begin()

    def _too_late(self) -> None:
        if self.flow.read_paused:
            self._limit.begin()  # it was us who did not listen
        elif self._heard.named and not self._in_body:
            self._refuse(HeadTimeout(f"It did not come within {self.header_seconds:g} s."))
        else:
            self.transport.close()

    def _refuse(self, fault: IngestionError) -> None:
        """Answer and end the connection, but after the answers to the requests before."""
        self._is_deaf = True
        self._limit.end()
        if self.cycle is None or self.cycle.response_complete:
            self._end_with(refusal(fault))
        elif not self._in_body:
            self.cycle.keep_alive = False
        else:
            if not (self.pipeline or self.cycle.response_started):
                self.transport.write(refusal(fault))
            self.transport.close()

    def _end_with(self, answer: bytes) -> None:
        """Read away for a while what still comes: a reset may overtake the answer (RFC 9112, section 9.6)."""
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        self.transport.write(answer)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _enter_lane(self, body: Body) -> None:
        """Let the transport read the rest of the body past the parser. Inside TLS we have not proven it."""
        if self.scheme == "http" and body.cycle is self.cycle:
            self.flow.pause_reading()
            self.transport.set_protocol(Lane(self, body, self._unread, self._leave_lane))

    def _leave_lane(self) -> None:
        """Go on with a fresh parser: the other one still waits for the body."""
        self.transport.set_protocol(self)
        self.on_message_complete()
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's


def protocol_with(header_seconds: float) -> type[Protocol]:
    """Return the protocol with a time of its own for heads, as uvicorn's configuration takes it."""
    return type("Protocol", (Protocol,), {"header_seconds": header_seconds})
