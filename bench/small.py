"""What 1000 uploads of 4 KiB cost, beside the tutorial app with and without a task; large ones are for receive.py."""

import os
from dataclasses import asdict
from pathlib import Path
from statistics import median

from bench.contenders import RAW, TUTORIAL, TUTORIAL_DELAY, Contenders, compared
from bench.payload import random_file
from bench.report import Chart, Report, at_least, verdict
from bench.rounds import Run, cpu, ratios, rounds, spread, wall

BYTES = 4096
COUNT = int(os.environ.get("COUNT", "1000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
NAMES = (RAW, TUTORIAL, TUTORIAL_DELAY)
CONCURRENCIES = (1, 8, 32)
MOST = CONCURRENCIES[-1]
GOAL = 0.6
METHOD = f"""\
{COUNT} files of 4 KiB, over 1, 8 and 32 connections that are kept; {ROUNDS} interleaved rounds count after a discarded
one; given are medians and, in brackets, the least and the largest. CPU seconds are the server's for all {COUNT}; Redis
is not counted. Ours syncs each file, commits its row and publishes its task before it answers. The tutorial app syncs
nothing and has no catalog. The goal is at most {GOAL} of the CPU seconds of the tutorial app with a task, and with
{MOST} connections no lower rate than its."""

Runs = dict[int, dict[str, list[Run]]]
"""By the number of connections, then by contender."""


def measure(folder: Path) -> Report:
    """Measure in the folder, and report; COUNT=50 and ROUNDS=1 make it shorter."""
    payload = random_file(folder / "small.bin", BYTES)

    async def compare(contenders: Contenders) -> Report:
        runs: Runs = {}
        for concurrency in CONCURRENCIES:

            async def run(name: str, concurrency: int = concurrency) -> Run:
                return await contenders[name].run(payload, COUNT, concurrency)

            runs[concurrency] = await rounds(NAMES, run, ROUNDS)
        return _report(runs)

    return compared(folder / "data", NAMES, compare)


def _report(runs: Runs) -> Report:
    return Report(
        "small",
        METHOD,
        ("server", "connections", "CPU s", f"ratio to {TUTORIAL_DELAY}", "uploads/s", "goal"),
        [_row(name, number, runs[number]) for number in CONCURRENCIES for name in NAMES],
        {str(number): {name: [asdict(run) for run in runs[number][name]] for name in NAMES} for number in runs},
        Chart(
            f"CPU seconds of the server for {COUNT} uploads of 4 KiB, {MOST} connections",
            {name: median(cpu(runs[MOST][name])) for name in NAMES},
        ),
    )


def _row(name: str, connections: int, runs: dict[str, list[Run]]) -> tuple[str, ...]:
    by_peer = ratios(runs[name], runs[TUTORIAL_DELAY])
    goal = _goal(connections, by_peer, runs) if name == RAW else ""
    return (name, str(connections), spread(cpu(runs[name])), spread(by_peer), f"{_rate(runs[name]):.0f}", goal)


def _goal(connections: int, by_peer: list[float], runs: dict[str, list[Run]]) -> str:
    goals = [verdict(median(by_peer), GOAL, "of its CPU")]
    if connections == MOST:
        goals.append(at_least(_rate(runs[RAW]) / _rate(runs[TUTORIAL_DELAY]), 1, "of its rate"))
    return "; ".join(goals)


def _rate(runs: list[Run]) -> float:
    return COUNT / wall(runs)
