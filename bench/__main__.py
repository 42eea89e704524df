"""`python -m bench [NAME …]`: measure, show, and write docs/performance.md; `make bench` is the way to all of it."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import cage, durability, latency, memory, receive, recovery, small, sustained
from bench.machine import BUSY_LOAD, load, place
from bench.report import Report, save, table
from deploy.local.terminal import exit_code, say
from shared.settings import Settings

BENCHMARKS: dict[str, Callable[[Path], Report]] = {
    "receive": receive.measure,
    "small": small.measure,
    "durability": durability.measure,
    "latency": latency.measure,
    "cage": cage.measure,
    "sustained": sustained.measure,
    "recovery": recovery.measure,
    "memory": memory.measure,  # last: after 10 GiB the disk goes on writing for a while
}


def bench() -> None:
    """Run what was asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)}; none: all of them")
    names = parser.parse_args().names or list(BENCHMARKS)
    # `choices` refuses an empty list before Python 3.12: https://github.com/python/cpython/issues/92445
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"There is no {', '.join(unknown)}; choose from {', '.join(BENCHMARKS)}")
    for name in names:
        _run(name)


def _run(name: str) -> None:
    """Run one on the disk that holds DATA_DIR, where uploads go in earnest."""
    data_dir = Settings().data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    busy, here = load(), place()
    say(f"\n{name}: {here}; load {busy:.2f}")
    if busy > BUSY_LOAD:
        say("The machine is busy: don't publish these figures.")
    with TemporaryDirectory(prefix="bench-", dir=data_dir) as folder:
        report = replace(BENCHMARKS[name](Path(folder)), place=here, load=busy)
    say(table(report.columns, report.rows))
    save(report)


if __name__ == "__main__":
    sys.exit(exit_code(bench))
