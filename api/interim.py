"""Interim responses (RFC 9110, section 15.2) beside the final one, which ASGI has no message for.

A protocol of uvicorn offers them in the scope; where another server runs us, nothing is sent. It leaves 100 to uvicorn.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from starlette.requests import Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

UPLOAD_RESUMPTION_SUPPORTED = 104
EXTENSION = "hmas.informational"
_PHRASES = {UPLOAD_RESUMPTION_SUPPORTED: b"Upload Resumption Supported"}

Inform = Callable[[int, Sequence[tuple[bytes, bytes]]], Awaitable[None]]


async def inform(request: Request, status: int, headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Send an interim response; return whether the server can."""
    send: Inform | None = request.scope.get("extensions", {}).get(EXTENSION)
    if send is not None:
        await send(status, headers)
    return send is not None


class InterimProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which offers interim responses to requests of HTTP/1.1: 1.0 knows none (section 15.2)."""

    def on_headers_complete(self) -> None:
        """Offer them in the scope; the request's task begins after this."""
        super().on_headers_complete()
        if self.cycle is not None and self.cycle.scope is self.scope and self.scope["http_version"] == "1.1":
            scope: dict[str, Any] = self.scope  # type: ignore[assignment]  # a TypedDict, without extensions of ours
            scope.setdefault("extensions", {})[EXTENSION] = partial(_send, self.cycle)


async def _send(cycle: RequestResponseCycle, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Write one at once, unless the final answer has begun or nobody is there; uvicorn runs one request at a time."""
    if cycle.disconnected or cycle.response_started:
        return
    lines = [b"HTTP/1.1 %d %s" % (status, _PHRASES[status]), *(b": ".join(header) for header in headers), b"", b""]
    cycle.transport.write(b"\r\n".join(lines))
