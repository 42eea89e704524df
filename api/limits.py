"""Rate limits by slowapi on Redis, with memory as fallback; it leaves saying no to `api.problems`.

slowapi's middleware skips routers that were included, so every route is decorated (a test walks them). Its key is made
of the endpoint, not of the URL. It would ask Redis on the event loop; so each limited route asks ahead, in a thread.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction, signature
from typing import Any

from limits import RateLimitItem
from limits.storage import RedisStorage
from slowapi import Limiter
from starlette.requests import Request
from starlette.responses import Response

from api.callers import address
from api.moving_window import AskedAhead
from shared.settings import Settings

Handler = Callable[..., Awaitable[Any]]

REDIS_SECONDS = 0.25
RATE_LIMITED = 429
address.__signature__ = signature(address)  # type: ignore[attr-defined]  # slowapi asks for it at each request
_STORAGE_OPTIONS = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}


class HeaderLimiter(Limiter):
    """slowapi's limiter: Redis is asked ahead, seconds are whole, and Retry-After is for those who are to try again."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strategy="moving-window", **options)
        if not isinstance(self._storage, RedisStorage):
            raise TypeError(self._storage)
        self._limiter = self._redis = AskedAhead(self._storage)

    def limited(self, limit: str) -> Callable[[Handler], Handler]:
        """Return slowapi's decorator, with the question ahead of it."""
        decorate = self.limit(limit)
        return lambda handler: self._asking_ahead(handler, decorate(handler))

    def _asking_ahead(self, handler: Handler, limited: Handler) -> Handler:
        if not iscoroutinefunction(handler):
            return limited
        name = f"{handler.__module__}.{handler.__name__}"
        limits = self._route_limits[name]

        @wraps(limited)
        async def asking(*values: Any, **named: Any) -> Any:
            request: Request = named["request"] if "request" in named else values[0]
            if not self._storage_dead:
                await self._redis.ask([(each.limit, (address(request), name)) for each in limits])
            return await limited(*values, **named)

        return asking

    def _inject_headers(self, response: Response, current_limit: tuple[RateLimitItem, list[str]]) -> Response:
        asked = response.headers.get("retry-after")
        super()._inject_headers(response, current_limit)
        if reset := response.headers.get("x-ratelimit-reset"):
            response.headers["x-ratelimit-reset"] = str(int(float(reset)))
        if response.status_code != RATE_LIMITED and "retry-after" in response.headers:
            del response.headers["retry-after"]
            if asked is not None:
                response.headers["retry-after"] = asked
        return response


def make_limiter(settings: Settings) -> HeaderLimiter:
    """Return the limiter of one app; it connects with the first request."""
    return HeaderLimiter(
        key_func=address,
        headers_enabled=True,
        storage_uri=settings.limits_url,
        storage_options=_STORAGE_OPTIONS,
        in_memory_fallback_enabled=True,
        swallow_errors=True,  # an accepted upload is not refused because its headers could not be counted
        key_style="endpoint",
    )
