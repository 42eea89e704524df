"""What durability costs: 1000 uploads of 4 KiB with DURABILITY=full beside off; other servers are for small.py."""

import os
from dataclasses import asdict
from pathlib import Path

from bench.contenders import Contender
from bench.payload import random_file
from bench.report import Report
from bench.rounds import ROUNDS, Run, cpu, ratios, rounds, spread, wall
from bench.stack import measured, plan_in
from deploy.local.ready import ready
from deploy.local.stack import ROOT

BYTES = 4096
COUNT = int(os.environ.get("COUNT", "1000"))
FULL, OFF = "full", "off"
CONCURRENCIES = (1, 8, 64)
METHOD = f"""\
{COUNT} files of 4 KiB, raw, over 1, 8 and 64 connections that are kept, to two API processes, each with a SQLite
catalog of its own; {ROUNDS} interleaved rounds count after a discarded one; given are medians and, in brackets, the
least and the largest. CPU seconds are the API's for all {COUNT}; Redis is not counted, and no worker runs. With `full`
the file, its name and its row are on stable storage before the answer; with `off` nothing is synced."""

Runs = dict[int, dict[str, list[Run]]]
"""By the number of connections, then by DURABILITY."""


def measure(folder: Path) -> Report:
    """Measure in the folder, and report."""
    payload = random_file(folder / "small.bin", BYTES)
    data_dir = folder / "data"
    (data_dir / OFF).mkdir(parents=True)
    plan = plan_in(data_dir, ROOT / "bench" / "durability.Procfile")
    ports = {FULL: plan.settings.port, OFF: plan.settings.flower_port}
    path = "/ingest?filename=small.bin"
    kept = {FULL: data_dir / "objects", OFF: data_dir / OFF / "objects"}
    servers = {name: Contender(port, path, "raw", kept[name]) for name, port in ports.items()}

    async def compare() -> Report:
        await ready(f"{plan.settings.host}:{ports[OFF]}")
        runs: Runs = {}
        for concurrency in CONCURRENCIES:

            async def run(name: str, concurrency: int = concurrency) -> Run:
                return await servers[name].run(payload, COUNT, concurrency)

            runs[concurrency] = await rounds((FULL, OFF), run, ROUNDS)
        return _report(runs)

    return measured(plan, compare)


def _report(runs: Runs) -> Report:
    return Report(
        "durability",
        METHOD,
        ("DURABILITY", "connections", "CPU s", "ratio to off", "uploads/s"),
        [_row(name, number, runs[number]) for number in CONCURRENCIES for name in (FULL, OFF)],
        {str(number): {name: [asdict(run) for run in of] for name, of in runs[number].items()} for number in runs},
    )


def _row(name: str, connections: int, runs: dict[str, list[Run]]) -> tuple[str, ...]:
    by_off = ratios(runs[name], runs[OFF])
    return (name, str(connections), spread(cpu(runs[name])), spread(by_off), f"{COUNT / wall(runs[name]):.0f}")
