"""Pressure: whether too much waits, or too little disk is free, to take uploads in; it leaves answering to the routes.

Each has two watermarks: uploads are refused from the high one on and admitted again at the low one, so nothing flaps.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field

from api.fairness import Turns
from shared import metrics
from shared.errors import IngestionError, Overloaded, StorageFull
from shared.ports import Catalog, ObjectStore
from shared.settings import Settings

LOOK_SECONDS = 1.0
LOOK_LIMIT_SECONDS = 3.0
RETRY_SECONDS = (1.0, 120.0)
UNKNOWN_SECONDS = 30.0
"""Retry-After while the level does not fall."""
_MIB = 1 << 20

log = logging.getLogger(__name__)


@dataclass
class Watermark:
    """On from `high` on, off again at `low`; in between it stays as it is."""

    high: int
    low: int
    level: int = field(default=0, init=False)
    over: bool = field(default=False, init=False)
    _since: tuple[float, int] = field(default=(0.0, 0), init=False)

    def see(self, level: int, now: float) -> bool:
        """Take in the level of this moment; return whether that has changed the state."""
        before, self.level = self.over, level
        self.over = level >= self.high or (before and level > self.low)
        if level >= self.high:
            self._since = (now, level)
        return self.over != before

    def retry_after(self, now: float) -> float:
        """Return in how many seconds it will be off, as fast as the level has fallen since it was last at `high`."""
        then, peak = self._since
        fallen = peak - self.level
        left = (self.level - self.low) * (now - then) / fallen if fallen > 0 else UNKNOWN_SECONDS
        least, most = RETRY_SECONDS
        return min(max(left, least), most)


class Pressure:
    """Both watermarks, as last seen. What cannot be seen just now stays as it was."""

    def __init__(self, settings: Settings, catalog: Catalog, store: ObjectStore) -> None:
        self._catalog, self._store = catalog, store
        self._free: int | None = None
        again = max(settings.free_again_bytes, settings.min_free_bytes)
        # The store's free room is what MIN_FREE_BYTES leaves; the disk's level is what is missing for the low mark.
        self._again = again - settings.min_free_bytes
        self.disk = Watermark(high=self._again, low=0)
        self.backlog = Watermark(settings.waiting_high, settings.waiting_low)
        metrics.backlog.labels("high").set(self.backlog.high)
        metrics.backlog.labels("low").set(self.backlog.low)
        metrics.disk_free.labels("low").set(settings.min_free_bytes)
        metrics.disk_free.labels("again").set(again)
        self._kept = settings.min_free_bytes

    def check(self, declared: int | None) -> None:
        """Return if an upload of this size may begin. Raise StorageFull or Overloaded."""
        self._check_disk()
        self._check_backlog()
        if declared is not None and self._free is not None and declared > self._free:
            raise StorageFull(f"There is no room for {declared} bytes.")

    async def look_at_disk(self) -> str:
        """Measure the disk; return how it is. Raise StorageFull where no upload may begin, or the store's fault."""
        space = await self._store.space()
        self._free = space.free
        metrics.disk_free.labels("now").set(space.free + self._kept)
        self._seen("disk", self.disk, self._again - space.free)
        self._check_disk()
        return f"{space.free // _MIB} MiB free above MIN_FREE_BYTES"

    async def look_at_backlog(self) -> str:
        """Count what waits; return how it is. Raise Overloaded where no upload may begin, or the catalog's fault."""
        waiting = await self._catalog.backlog(self.backlog.high)
        metrics.backlog.labels("now").set(waiting)
        self._seen("backlog", self.backlog, waiting)
        self._check_backlog()
        return f"{waiting} of at most {self.backlog.high} wait"

    async def look(self) -> None:
        """Look at both, for a bounded time and whatever goes wrong."""
        await asyncio.gather(_survived(self.look_at_disk()), _survived(self.look_at_backlog()))

    def _check_disk(self) -> None:
        if self.disk.over:
            detail = f"No upload begins before {self.disk.level // _MIB + 1} MiB more are free."
            raise StorageFull(detail, retry_after=self.disk.retry_after(time.monotonic()))

    def _check_backlog(self) -> None:
        if self.backlog.over:
            detail = f"{self.backlog.level} ingests wait; uploads are taken in again once it is {self.backlog.low}."
            raise Overloaded(detail, retry_after=self.backlog.retry_after(time.monotonic()))

    def _seen(self, name: str, mark: Watermark, level: int) -> None:
        if mark.see(level, time.monotonic()):
            log.warning("uploads are %s: %s", "refused" if mark.over else "taken in again", name)
        metrics.refusing.labels(name).set(mark.over)


async def watch(pressure: Pressure, turns: Turns) -> None:
    """Look about once a second, for ever; once nothing waits, nobody is ahead of anybody."""
    while True:
        await pressure.look()
        if not pressure.backlog.level:
            turns.forget()
        await asyncio.sleep(LOOK_SECONDS)


async def _survived(look: Awaitable[str]) -> None:
    try:
        async with asyncio.timeout(LOOK_LIMIT_SECONDS):
            await look
    except (IngestionError, TimeoutError) as fault:
        log.debug("no upload may begin, or it cannot be told: %s", fault)  # refusals and /ready say it aloud
    except Exception as error:  # whatever else it is, the watch goes on
        log.exception("unforeseen: %s", type(error).__name__)
