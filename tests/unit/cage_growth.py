"""How much the processes that stay grow by a batch of files; it leaves the batch to the tests."""

from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from workers.cage.cage import Cage

MIB = 1024**2
MOST_MIB = 32


@contextmanager
def little_growth(cage: Cage, most_mib: float = MOST_MIB) -> Iterator[None]:
    """Fail where the service or the warm process ends the block with that much more resident memory than before."""
    processes = {"service": psutil.Process(), "warm process": psutil.Process(cage._warm.process.pid)}
    before = {name: process.memory_info().rss for name, process in processes.items()}
    yield
    grown = {name: (process.memory_info().rss - before[name]) / MIB for name, process in processes.items()}
    assert max(grown.values()) <= most_mib, f"Grown by MiB: {grown}"
    assert cage._warm.process.pid == processes["warm process"].pid, "The warm process was replaced in the block."
