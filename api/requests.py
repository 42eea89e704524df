"""Requests: an id and a log line for each, and its body as it comes; it leaves answering to the routes."""

import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.ids import new_id
from shared.logs import about

_ID = re.compile(r"[A-Za-z0-9._\-]{1,128}")

BODY_SOURCE = "hmas.body"
INFORMATIONAL = "hmas.informational"
"""Extensions in a request's scope, where our own server (`api.protocol`) serves it."""
LARGE_BYTES = 1024 * 1024
"""From this declared length on a body is worth buffers of its own."""

Inform = Callable[[int, Sequence[tuple[bytes, bytes]]], Awaitable[None]]
"""Sends an answer before the answer: a status of 1xx and its headers."""

log = logging.getLogger(__name__)


class BodySource(Protocol):
    """A body that can be read past the parser; each piece still comes by `receive`."""

    def read_straight(self) -> None:
        """Let the pieces that come from now on be views of large buffers, where that can be done.

        A view stays as it is for as long as it is held. It can be measured, sliced, hashed, joined and written as
        bytes can, and no more than that.
        """
        ...


class RequestLog:
    """ASGI middleware: gives each request an id, returns it as X-Request-ID, and logs one line at the end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request with its id in every log line."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ident = _sent_id(scope) or new_id()
        scope.setdefault("state", {})["request_id"] = ident
        with about(request_id=ident):
            await self._logged(scope, receive, send, ident)

    async def _logged(self, scope: Scope, receive: Receive, send: Send, ident: str) -> None:
        started, status = time.perf_counter(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = ident
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            extra = {"method": scope["method"], "path": scope["path"], "status": status, "ms": milliseconds}
            log.log(_level(scope["path"]), "request", extra=extra)


def request_id(request: Request) -> str:
    """Return the id that the middleware gave."""
    return str(getattr(request.state, "request_id", "none"))


async def body_of(request: Request) -> AsyncIterator[bytes]:
    """Yield the body's pieces as they come, never copied. Raise ClientDisconnect where the connection breaks."""
    request.state.body = "begun"
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            request.state.body = "ended"
            raise ClientDisconnect
        if piece := message.get("body"):
            yield piece
        if not message.get("more_body"):
            request.state.body = "ended"
            return


def large_body_of(request: Request) -> AsyncIterator[bytes]:
    """Return the body as `body_of` yields it, for a reader to whom views of buffers will do (see BodySource)."""
    source: BodySource | None = request.scope.get("extensions", {}).get(BODY_SOURCE)
    length = request.headers.get("content-length", "")
    if source is not None and length.isdecimal() and int(length) >= LARGE_BYTES:
        source.read_straight()
    return body_of(request)


def body_is_unread(scope: Scope) -> bool:
    """Tell whether bytes of the body may still be under way, so that the sender must be listened to.

    A sender that waits for 100 Continue and never got it sends nothing.
    """
    headers = Headers(scope=scope)
    announced = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    state = scope.get("state", {}).get("body")
    waits = state is None and "expect" in headers
    return announced and state != "ended" and not waits


def _sent_id(scope: Scope) -> str | None:
    sent = Headers(scope=scope).get("x-request-id", "")
    return sent if _ID.fullmatch(sent) else None


def _level(path: str) -> int:
    """Probes and scrapes come every few seconds and say nothing."""
    return logging.DEBUG if path in {"/health", "/ready", "/metrics"} else logging.INFO
