"""Answers that go out before the request's body has come; it leaves what they say to others."""

import asyncio
import logging

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.requests import body_is_unread

LINGER_SECONDS = 2.0
"""How long an unread body is read away, so that the sender sees the answer instead of a reset."""

log = logging.getLogger(__name__)


class EarlyResponse(Response):
    """An answer that is sent at once, also while the body is still coming; the connection ends after it then."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all of the answer, then read the rest of the body away for a bounded time.

        Closing a socket with unread bytes resets it, and a reset may overtake the answer (RFC 9112, section 9.6).
        """
        if body_is_unread(scope):
            self.headers["connection"] = "close"
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": self.body, "more_body": True})
            await _read_away(receive)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await super().__call__(scope, receive, send)


async def _read_away(receive: Receive) -> None:
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while (await receive()).get("more_body"):
                pass
    except TimeoutError:
        log.debug("a body that nobody wants went on for longer than we listen")
