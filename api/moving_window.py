"""A moving window on Redis that is asked once for each request; it leaves what is limited to `api.limits`.

`limits` asks twice: whether there is a slot and, for the headers, how many are left. It looks for the oldest entry by
LINDEX, whose cost grows with the limit. The list is the same: the moments of the entries, the newest first.
"""

import time
from contextvars import ContextVar
from typing import Any

from limits import RateLimitItem
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from limits.util import WindowStats

SCRIPT = """
local now, limit, seconds, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local oldest = redis.call('LINDEX', KEYS[1], -1)
while oldest and tonumber(oldest) < now - seconds do
    redis.call('RPOP', KEYS[1])
    oldest = redis.call('LINDEX', KEYS[1], -1)
end
local taken = redis.call('LLEN', KEYS[1])
if taken + cost > limit then
    return {0, taken, oldest or ARGV[1]}
end
for _ = 1, cost do
    redis.call('LPUSH', KEYS[1], ARGV[1])
end
redis.call('EXPIRE', KEYS[1], seconds)
return {1, taken + cost, oldest or ARGV[1]}
"""

_told: ContextVar[dict[str, WindowStats]] = ContextVar("told_windows", default={})  # noqa: B039  (never changed in place)
"""What Redis said to this request, by key."""


class AskedOnce(MovingWindowRateLimiter):
    """The moving window of `limits`, whose answer to a hit holds what the headers need."""

    def __init__(self, storage: RedisStorage) -> None:
        super().__init__(storage)
        self._prefixed = storage.prefixed_key
        self._ask: Any = storage.get_connection().register_script(SCRIPT)

    def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Take so many slots of the window, if it has them."""
        key, seconds = item.key_for(*identifiers), item.get_expiry()
        arguments = [time.time(), item.amount, seconds, cost]
        granted, taken, oldest = self._ask([self._prefixed(key)], arguments)
        _told.set(_told.get() | {key: WindowStats(float(oldest) + seconds, item.amount - taken)})
        return bool(granted)

    def get_window_stats(self, item: RateLimitItem, *identifiers: str) -> WindowStats:
        """Return when the oldest entry ends, and how many slots were left after this request's hit."""
        return _told.get().get(item.key_for(*identifiers)) or super().get_window_stats(item, *identifiers)
