"""Group commit: what waits together is done together; it leaves what is done to its users.

The first item starts at once, and all that comes meanwhile is the next group. So groups grow with the load, and nobody
waits for a timer.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

LIMIT = 64
"""How many items one group has at most."""

Item = TypeVar("Item")
Outcome = Exception | None
"""What went wrong with an item; None where nothing did."""


class GroupCommit(Generic[Item]):
    """One group at a time, on one event loop.

    `work` returns the outcome of each item, in their order; what it raises is the outcome of each.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Awaitable[Sequence[Outcome]]],
        *,
        limit: int = LIMIT,
        patience: float | None = None,
    ) -> None:
        self._work, self._limit, self._patience = work, limit, patience
        self._waiting: deque[_Waiting[Item]] = deque()
        self._running: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> None:
        """Return once the item is done, or raise its fault; nothing happens to it any more, however this ends.

        A caller that is cancelled, or has waited for `patience` seconds (TimeoutError), takes back an item that has not
        begun; it stays with one that has.
        """
        waiting = _Waiting(item)
        self._waiting.append(waiting)
        if not self._is_running():
            self._running = asyncio.create_task(self._run())
        try:
            await asyncio.wait([waiting.outcome], timeout=self._patience)
        finally:
            taken_back = self._take_back(waiting)
            if not taken_back:
                await end_of(waiting.outcome)
        if taken_back:
            raise TimeoutError
        if fault := waiting.outcome.result():
            raise fault

    async def close(self) -> None:
        """Return once all that waits is done."""
        while self._running and self._is_running():
            await asyncio.wait([self._running])

    def _is_running(self) -> bool:
        return self._running is not None and not self._running.done()

    def _take_back(self, waiting: "_Waiting[Item]") -> bool:
        if waiting.outcome.done() or waiting not in self._waiting:
            return False
        self._waiting.remove(waiting)
        return True

    async def _run(self) -> None:
        while self._waiting:
            await self._do([self._waiting.popleft() for _ in range(min(self._limit, len(self._waiting)))])

    async def _do(self, group: Sequence["_Waiting[Item]"]) -> None:
        outcomes: Sequence[Outcome]
        try:
            outcomes = await self._work([each.item for each in group])
        except Exception as fault:  # noqa: BLE001  (those who wait raise it)
            outcomes = [fault] * len(group)
        except BaseException:
            for each in group:  # the loop ends
                each.outcome.cancel()
            raise
        for each, outcome in zip(group, outcomes, strict=True):
            each.outcome.set_result(outcome)


class _Waiting(Generic[Item]):
    """An item and the promise to its caller."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()


async def end_of(outcome: "asyncio.Future[Any]") -> None:
    """Wait for it to the end, however often we are told to stop."""
    try:
        if not outcome.done():
            await asyncio.wait([outcome])
    except asyncio.CancelledError:
        await end_of(outcome)
        raise
