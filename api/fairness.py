"""Fairness: how far each caller is ahead of its share, as a priority; it leaves the order to queue and catalog.

A caller has a clock of its own that each of its files puts on by what the file costs, and that never runs behind ours:
the virtual clock of fair queueing (https://en.wikipedia.org/wiki/Fair_queuing). How far it is ahead says how much of
the caller's work others should not wait behind.
"""

from bisect import bisect_right

from shared.ingest import MAX_PRIORITY

SECONDS_A_FILE = 0.2
BYTES_A_SECOND = 50e6
"""What a file costs, rather more than it does: who seems light must not take all that the workers can do."""
MOST_SHARERS = 8
"""From so many callers ahead on, each one's share gets no smaller: a few files are a burst and go first."""
STEPS = tuple(4.0**step for step in range(1, MAX_PRIORITY + 1))
"""Seconds ahead from which on a file has the next priority: 4 s, 16 s, 64 s … 18 h."""


def cost(size: int) -> float:
    """Return the seconds that a file of this size takes."""
    return SECONDS_A_FILE + size / BYTES_A_SECOND


class Turns:
    """The callers' clocks. Whose clock is past is forgotten, so memory grows only with who is ahead."""

    def __init__(self) -> None:
        self._turns: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._turns)

    def forget(self) -> None:
        """Forget all callers, once nothing waits: nobody is ahead then, whatever the files were said to cost."""
        self._turns.clear()

    def take(self, principal: str, size: int, now: float) -> int:
        """Put the caller's clock on by this file and return the file's priority.

        The more callers are ahead, the less one's share is in a second: none of them can keep the others waiting for
        ever by staying just inside of its own.
        """
        self._turns = {caller: turn for caller, turn in self._turns.items() if turn > now}
        turn = self._turns.get(principal, now)
        sharers = len(self._turns.keys() | {principal})
        self._turns[principal] = turn + cost(size) * min(sharers, MOST_SHARERS)
        return bisect_right(STEPS, turn - now)
