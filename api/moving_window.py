"""A moving window on Redis that is asked ahead, for many requests at once; it leaves what is limited to `api.limits`.

`limits` asks twice for each request, whether there is a slot and how many are left, and the loop waits for both. Here
requests that come together are one question, asked in a thread, and what was answered is then taken without waiting.
The lists in Redis are those of `limits`: the moments of the entries, the newest first.
"""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from limits import RateLimitItem
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from limits.util import WindowStats

from shared.group_commit import GroupCommit, Outcome

SCRIPT = b"""
local function taken(key, now, limit, seconds, cost)
    local oldest = redis.call('LINDEX', key, -1)
    while oldest and tonumber(oldest) < tonumber(now) - seconds do
        redis.call('RPOP', key)
        oldest = redis.call('LINDEX', key, -1)
    end
    local count = redis.call('LLEN', key)
    if count + cost > limit then
        return {0, count, oldest or now}
    end
    for _ = 1, cost do
        redis.call('LPUSH', key, now)
    end
    redis.call('EXPIRE', key, seconds)
    return {1, count + cost, oldest or now}
end
local answers = {}
for n, key in ipairs(KEYS) do
    local limit, seconds, cost = tonumber(ARGV[3 * n - 1]), tonumber(ARGV[3 * n]), tonumber(ARGV[3 * n + 1])
    answers[n] = taken(key, ARGV[1], limit, seconds, cost)
end
return answers
"""

Identifiers = tuple[str, ...]


@dataclass(eq=False, slots=True)
class _Hit:
    """One slot that is asked for, and what Redis said."""

    key: str
    amount: int
    seconds: int
    cost: int = 1
    granted: bool = False
    is_taken: bool = False
    stats: WindowStats | None = None
    fault: Exception | None = None


_hits: ContextVar[dict[str, _Hit]] = ContextVar("hits", default={})  # noqa: B039  (never changed in place)
"""This request's, by key."""


class AskedAhead(MovingWindowRateLimiter):
    """The moving window of `limits`, for which `ask` may go ahead of `hit`."""

    def __init__(self, storage: RedisStorage) -> None:
        super().__init__(storage)
        self._prefixed = storage.prefixed_key
        self._script: Any = storage.get_connection().register_script(SCRIPT)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="limits")
        self._asking = GroupCommit[_Hit](self._ask_in_thread)

    async def ask(self, items: Sequence[tuple[RateLimitItem, Identifiers]]) -> None:
        """Ask for these slots, up to the first that is not granted; what fails, `hit` raises."""
        for item, identifiers in items:
            hit = _hit(item, identifiers)
            await self._asking.submit(hit)
            _hits.set(_hits.get() | {hit.key: hit})
            if not hit.granted:
                return

    def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Take what was asked ahead; else ask now."""
        hit = _hits.get().get(item.key_for(*identifiers))
        if hit is None or hit.is_taken:
            hit = _hit(item, identifiers, cost)
            self._ask([hit])
            _hits.set(_hits.get() | {hit.key: hit})
        hit.is_taken = True
        if hit.fault:
            raise hit.fault
        return hit.granted

    def get_window_stats(self, item: RateLimitItem, *identifiers: str) -> WindowStats:
        """Return when the oldest entry ends, and how many slots were left after this request's hit."""
        hit = _hits.get().get(item.key_for(*identifiers))
        return hit.stats if hit and hit.stats else super().get_window_stats(item, *identifiers)

    async def _ask_in_thread(self, hits: Sequence[_Hit]) -> list[Outcome]:
        try:
            await asyncio.get_running_loop().run_in_executor(self._pool, self._ask, hits)
        except Exception as fault:  # noqa: BLE001  (`hit` raises it, where slowapi turns to its memory)
            for hit in hits:
                hit.fault = fault
        return [None] * len(hits)

    def _ask(self, hits: Sequence[_Hit]) -> None:
        arguments = [value for hit in hits for value in (hit.amount, hit.seconds, hit.cost)]
        answers = self._script([self._prefixed(hit.key) for hit in hits], [time.time(), *arguments])
        for hit, (granted, taken, oldest) in zip(hits, answers, strict=True):
            hit.granted = bool(granted)
            hit.stats = WindowStats(float(oldest) + hit.seconds, hit.amount - taken)


def _hit(item: RateLimitItem, identifiers: Identifiers, cost: int = 1) -> _Hit:
    return _Hit(item.key_for(*identifiers), item.amount, item.get_expiry(), cost)
