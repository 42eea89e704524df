"""Lets a sink rest after it did not answer, so that its outage holds up no worker; it leaves retries to the catalog."""

import time
from collections.abc import Callable

from shared.errors import Unavailable
from shared.events import Event
from shared.ports import PerceptionSink

FIRST_REST_SECONDS = 1.0
LONGEST_REST_SECONDS = 30.0


class RestingSink:
    """PerceptionSink around another one: after Unavailable it says so at once, for a time that doubles up to 30 s.

    Only silence costs a worker's time, so a refusal brings no rest. One delivery after each rest is a real attempt.
    """

    def __init__(self, sink: PerceptionSink, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = sink.name
        self._sink = sink
        self._clock = clock
        self._rest = 0.0
        self._until = -float("inf")

    @property
    def resting(self) -> bool:
        """See the port."""
        return self._clock() < self._until

    async def deliver(self, event: Event) -> None:
        """See the port."""
        if self.resting:
            raise Unavailable(f"It did not answer; it is asked again within {self._rest:g} s.")
        try:
            await self._sink.deliver(event)
        except Unavailable:
            self._rest = min(self._rest * 2 or FIRST_REST_SECONDS, LONGEST_REST_SECONDS)
            self._until = self._clock() + self._rest
            raise
        self._rest = 0.0
