"""What every answer on /uploads carries, whoever gives it: CORS for browsers, and tus' version where tus is spoken.

It is a middleware, so that a rate limit's and a stop's refusals carry it too. It leaves all else to the protocols.
"""

from collections.abc import Collection

from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import tus
from api.uploads import protocol_of

METHODS = ("POST", "HEAD", "PATCH", "DELETE", "OPTIONS")
EXPOSED = (
    "Accept-Patch", "Link", "Location", "Repr-Digest", "Retry-After", "Tus-Checksum-Algorithm",
    "Tus-Extension", "Tus-Max-Size", "Tus-Resumable", "Tus-Version", "Upload-Complete", "Upload-Concat",
    "Upload-Defer-Length", "Upload-Draft-Interop-Version", "Upload-Expires", "Upload-Incomplete",
    "Upload-Length", "Upload-Limit", "Upload-Metadata", "Upload-Offset", "X-Request-ID",
)  # fmt: skip
"""What a page's script may read of an answer; a browser hides all other headers from it."""
MAX_AGE_SECONDS = 24 * 3600
"""How long a browser may go on without asking again; browsers allow less than this by themselves."""


class UploadHeaders:
    """ASGI middleware. A page's own headers are allowed, whatever they are: none of them means anything to us."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._inside = CORSMiddleware(
            self._versioned,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=["*"],
            expose_headers=EXPOSED,
            max_age=MAX_AGE_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request."""
        inside = scope["type"] == "http" and (scope["path"] + "/").startswith("/uploads/")
        await (self._inside if inside else self._app)(scope, receive, send)

    async def _versioned(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See tus 1.0.0, "Tus-Resumable": it is in every answer."""
        speaks_tus = protocol_of(HTTPConnection(scope)) is tus

        async def send_with_version(message: Message) -> None:
            if speaks_tus and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["tus-resumable"] = tus.VERSION
            await send(message)

        await self._app(scope, receive, send_with_version)
