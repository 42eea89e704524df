"""Patience with a sender: for how long we listen for its next bytes; it leaves what it sends to intake and appends."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from shared.errors import IdleTimeout, IngestionError, TooSlow, UploadBusy
from shared.settings import Settings


class Patience:
    """One deadline for both limits, RECEIVE_IDLE_SECONDS and RECEIVE_BYTES_A_SECOND.

    It lies the idle time ahead at most, and each byte puts it off by the time that it takes at the least rate. So who
    pauses is left after the idle time, and who is too slow once the idle time is used up, like the water of a leaky
    bucket (https://en.wikipedia.org/wiki/Leaky_bucket). Only the sender is timed.
    """

    def __init__(self, settings: Settings, ear: asyncio.Timeout, wanted: asyncio.Event | None) -> None:
        rate = settings.receive_bytes_a_second
        self._idle, self._least_rate = settings.receive_idle_seconds, rate
        self._seconds_a_byte = 1 / rate if rate else math.inf
        self._ear, self._wanted, self._is_away = ear, wanted, False
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._deadline = self._heard + self._idle
        self._timer = self._loop.call_at(self._deadline, self._look)

    @property
    def silence(self) -> float:
        """Seconds since the last byte came."""
        return self._loop.time() - self._heard

    def heard(self, size: int) -> None:
        """Take in that so many bytes came."""
        self._heard = self._loop.time()
        self._deadline = min(self._heard + self._idle, self._deadline + size * self._seconds_a_byte)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Not listen for a while, since it is we who are busy."""
        left, self._is_away = self._loop.time(), True
        try:
            yield
        finally:
            self._is_away = False
            self._deadline += self._loop.time() - left
            self.turn_to_who_wants_it()

    def turn_to_who_wants_it(self) -> None:
        """Listen no more, at once or on coming back, where somebody else wants the upload."""
        if self._wanted and self._wanted.is_set() and not self._is_away:
            self._ear.reschedule(self._loop.time())

    def end(self) -> None:
        """Do nothing more."""
        self._is_away = True
        self._timer.cancel()

    @property
    def fault(self) -> IngestionError:
        """Why it was not listened any further."""
        if self._wanted and self._wanted.is_set():
            return UploadBusy("A newer request has taken this upload over.")
        if self.silence >= self._idle / 2:
            return IdleTimeout(f"No byte came for {self.silence:.3g} s.")
        return TooSlow(f"Less than {self._least_rate} bytes came in a second, over more than {self._idle:g} s.")

    def _look(self) -> None:
        """See whether the deadline is over; it moves far more often than a timer should."""
        now = self._loop.time()
        if not self._is_away and now >= self._deadline:
            self._ear.reschedule(now)
        else:
            self._timer = self._loop.call_at(max(self._deadline, now + self._idle / 10), self._look)


@asynccontextmanager
async def listening(settings: Settings, wanted: asyncio.Event | None = None) -> AsyncIterator[Patience]:
    """Listen to a sender within the context. Raise IdleTimeout, TooSlow, or UploadBusy once the upload is `wanted`."""
    ear = asyncio.timeout(None)
    waiting = None
    try:
        async with ear:
            patience = Patience(settings, ear, wanted)
            if wanted:
                waiting = asyncio.create_task(wanted.wait())
                waiting.add_done_callback(lambda _: patience.turn_to_who_wants_it())
            yield patience
    except TimeoutError as error:
        raise patience.fault from error
    finally:
        patience.end()
        if waiting:
            waiting.cancel()


@contextmanager
def every(seconds: float, look: Callable[[], None]) -> Iterator[None]:
    """Call `look` again and again within the context."""
    looking = asyncio.create_task(_look_every(seconds, look))
    try:
        yield
    finally:
        looking.cancel()


async def _look_every(seconds: float, look: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(seconds)
        look()
