"""Answers before the answer (1xx), for which ASGI has no message: the extension `hmas.informational`."""

from collections.abc import Sequence

from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE

from api.protocol.body import Body
from api.requests import Inform

Headers = Sequence[tuple[bytes, bytes]]


def informing(body: Body) -> Inform:
    """Return what sends 1xx answers to the request of this body."""

    async def inform(status: int, headers: Headers) -> None:
        """Send it; nothing where it is too late, or to HTTP/1.0, which has none (RFC 9110, section 15.2)."""
        cycle = body.cycle
        late = cycle.response_started or cycle.disconnected or cycle.transport.is_closing()
        if not late and cycle.scope["http_version"] != "1.0":
            cycle.transport.write(_interim(status, headers))

    return inform


def _interim(status: int, headers: Headers) -> bytes:
    for name, value in headers:
        if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
            raise ValueError("This cannot stand in a header.")
    lines = [name + b": " + value + b"\r\n" for name, value in headers]
    return b"".join([STATUS_LINE[status], *lines, b"\r\n"])
