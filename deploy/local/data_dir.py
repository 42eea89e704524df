"""Take DATA_DIR for one launcher alone, with the folders that the processes expect; it leaves their content to them."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from deploy.local.faults import AlreadyRunning, DataDirUnusable

FOLDERS = ("beat", "logs", "redis")
PATIENCE_SECONDS = 3.0
"""A launcher that was just killed leaves the lock to its guard for a moment; see `guard`."""


@contextmanager
def taken(data_dir: Path) -> Iterator[IO[str]]:
    """Hold DATA_DIR's lock during the context; yield the lock's file. Raise AlreadyRunning, DataDirUnusable."""
    try:
        for folder in FOLDERS:
            (data_dir / folder).mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "launcher.lock").open("a")
    except OSError as error:
        raise DataDirUnusable(f"DATA_DIR {data_dir} can't be used: {error.strerror}.") from error
    with lock:
        _lock(lock, data_dir)
        yield lock


def _lock(lock: IO[str], data_dir: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > until:
                raise AlreadyRunning(
                    f"Another launcher runs in {data_dir}. Stop it, or choose another DATA_DIR."
                ) from error
            time.sleep(0.05)
