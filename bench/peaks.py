"""How far processes grow, by the peak of each; it leaves what makes them grow to the benchmarks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from bench.procfs import memory, reset_peak, tree

EVERY_SECONDS = 0.05


@dataclass(slots=True)
class Peaks:
    """A process and its descendants: for each pid what it held at first, and the most that it held since, in bytes.

    A process that comes later counts from when it is first seen; one that lives shorter than the interval is missed.
    """

    root: int
    first: dict[int, int] = field(default_factory=dict)
    most: dict[int, int] = field(default_factory=dict)

    @property
    def growth(self) -> dict[int, int]:
        """How far each grew."""
        return {pid: self.most[pid] - self.first[pid] for pid in self.first}

    @property
    def idle(self) -> int:
        """What the processes held at first, all together; pages that they share count more than once."""
        return sum(self.first.values())

    def begin(self) -> None:
        """Take what is there now as the start."""
        for pid in tree(self.root):
            reset_peak(pid)
        self.look()

    def look(self) -> None:
        """Note who is there, and how much each has held."""
        for pid in tree(self.root):
            held, peak = memory(pid, "VmRSS"), memory(pid, "VmHWM")
            if held is not None and peak is not None:
                self.first.setdefault(pid, held)
                self.most[pid] = max(peak, self.most.get(pid, 0))


@asynccontextmanager
async def watched(*all_peaks: Peaks) -> AsyncIterator[None]:
    """Look again and again during the context."""

    async def look() -> None:
        while True:
            for peaks in all_peaks:
                peaks.look()
            await asyncio.sleep(EVERY_SECONDS)

    for peaks in all_peaks:
        peaks.begin()
    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        for peaks in all_peaks:
            peaks.look()
