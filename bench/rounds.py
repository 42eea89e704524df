"""Interleaved runs and what they come to; it leaves what a run is to the benchmarks."""

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

ROUNDS = int(os.environ.get("ROUNDS", "5"))


@dataclass(frozen=True, slots=True)
class Run:
    """What one run cost."""

    cpu_seconds: float
    wall_seconds: float


Outcome = TypeVar("Outcome")


async def rounds(
    names: Sequence[str], run: Callable[[str], Awaitable[Outcome]], count: int = ROUNDS
) -> dict[str, list[Outcome]]:
    """Return each contender's runs but the first. Every other round goes backwards: none always follows the same."""
    runs: dict[str, list[Outcome]] = {name: [] for name in names}
    for number in range(count + 1):
        for name in names if number % 2 else reversed(names):
            result = await run(name)
            if number:
                runs[name].append(result)
    return runs


def cpu(runs: Sequence[Run]) -> list[float]:
    """Return the CPU seconds of the runs."""
    return [run.cpu_seconds for run in runs]


def wall(runs: Sequence[Run]) -> float:
    """Return the median of the wall seconds."""
    return median(run.wall_seconds for run in runs)


def ratios(runs: Sequence[Run], peers: Sequence[Run]) -> list[float]:
    """Return the CPU seconds by those of the peer in the same round."""
    return [ours / theirs for ours, theirs in zip(cpu(runs), cpu(peers), strict=True)]


def added(runs: Sequence[Run], others: Sequence[Run]) -> list[Run]:
    """Return what both cost together in each round."""
    return [
        Run(one.cpu_seconds + other.cpu_seconds, one.wall_seconds + other.wall_seconds)
        for one, other in zip(runs, others, strict=True)
    ]


def spread(values: Sequence[float]) -> str:
    """Return the median with the least and the largest."""
    return f"{median(values):.2f} ({min(values):.2f} to {max(values):.2f})"
