"""The instrumentator's metrics, by the route that the router found; it leaves what is counted to its defaults.

Its own middleware looks for the route a second time, among all of them.
"""

from time import perf_counter

from prometheus_fastapi_instrumentator import metrics
from prometheus_fastapi_instrumentator.metrics import Info
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

UNWATCHED = frozenset({"/metrics", "/health", "/ready"})
NO_ROUTE = "none"


class HttpMetrics:
    """ASGI middleware: counts each request by method, route and class of status, with its sizes and its time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._count = metrics.default()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request, and count it however it ends."""
        if scope["type"] != "http" or scope["path"] in UNWATCHED:
            await self._app(scope, receive, send)
            return
        started, answer = perf_counter(), Response(status_code=500)

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status_code, answer.raw_headers = message["status"], message["headers"]
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        finally:
            if self._count:
                self._count(_told(scope, answer, perf_counter() - started))


def _told(scope: Scope, answer: Response, seconds: float) -> Info:
    route = getattr(scope.get("route"), "path", NO_ROUTE)
    return Info(Request(scope), answer, scope["method"], route, f"{answer.status_code // 100}xx", seconds)
