"""Rate limits by slowapi on Redis, with memory as fallback; it leaves saying no to `api.problems`.

slowapi's middleware skips routers that were included, so every route is decorated (a test walks them). Its key is made
of the endpoint, not of the URL. Its Redis client is synchronous: short time-outs bound what a request can stall.
"""

from typing import Any

from limits import RateLimitItem
from limits.storage import RedisStorage
from slowapi import Limiter
from starlette.responses import Response

from api.callers import address
from api.moving_window import AskedOnce
from shared.settings import Settings

REDIS_SECONDS = 0.25
RATE_LIMITED = 429
_STORAGE_OPTIONS = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}


class HeaderLimiter(Limiter):
    """slowapi's limiter: Redis is asked once, seconds are whole, and Retry-After is for those who are to try again."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strategy="moving-window", **options)
        if isinstance(self._storage, RedisStorage):
            self._limiter = AskedOnce(self._storage)

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


def make_limiter(settings: Settings) -> Limiter:
    """Return the limiter of one app; it connects with the first request."""
    return HeaderLimiter(
        key_func=address,
        headers_enabled=True,
        storage_uri=settings.limits_url,
        storage_options=_STORAGE_OPTIONS,  # type: ignore[arg-type]  # slowapi says str, redis wants a number
        in_memory_fallback_enabled=True,
        swallow_errors=True,  # an accepted upload is not refused because its headers could not be counted
        key_style="endpoint",
    )
