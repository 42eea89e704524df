"""`python -m bench [NAME …]`: measure, show, and write docs/performance.md; `make bench` is the way to all of it."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import cage, crowd, durability, latency, many, memory, pipeline, receive, recovery, small, sustained
from bench.machine import BUSY_LOAD, load, place
from bench.report import Report, save, table
from deploy.local.terminal import exit_code, say
from shared.settings import Settings

BENCHMARKS: dict[str, Callable[[Path], Report]] = {
    "receive": receive.measure,
    "small": small.measure,
    "durability": durability.measure,
    "pipeline": pipeline.measure,
    "latency": latency.measure,
    "cage": cage.measure,
    "many": many.measure,
    "sustained": sustained.measure,
    "recovery": recovery.measure,
    "memory": memory.measure,
    "crowd": crowd.measure,  # last: after so many GiB the disk goes on writing for a while
}


def bench() -> None:
    """Run what was asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)}; none: all of them")
    parser.add_argument("--dry", action="store_true", help="show the tables, and leave docs/performance.md as it is")
    given = parser.parse_args()
    names = given.names or list(BENCHMARKS)
    # `choices` refuses an empty list before Python 3.12: https://github.com/python/cpython/issues/92445
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"There is no {', '.join(unknown)}; choose from {', '.join(BENCHMARKS)}")
    for name in names:
        report = _run(name)
        say(table(report.columns, report.rows))
        if not given.dry:
            save(report)


def _run(name: str) -> Report:
    """Run one on the disk that holds DATA_DIR, where uploads go in earnest."""
    data_dir = Settings().data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    busy, here = load(), place()
    say(f"\n{name}: {here}; load {busy:.2f}")
    if busy > BUSY_LOAD:
        say("The machine is busy: don't publish these figures.")
    with TemporaryDirectory(prefix="bench-", dir=data_dir) as folder:
        return replace(BENCHMARKS[name](Path(folder)), place=here, load=busy)


if __name__ == "__main__":
    sys.exit(exit_code(bench))
