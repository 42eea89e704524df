"""See to it that nothing of a launcher outlives it, even after `kill -9`; a proper stop is the launcher's own work.

The guard is a tiny process that waits for the end of a pipe which only the launcher holds open, and then kills what
carries the launcher's mark in its environment: children, their children, also those in sessions of their own. A
parent-death signal would reach the first generation alone. https://man7.org/linux/man-pages/man5/proc_pid_environ.5.html
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

MARK = "HMAS_LAUNCHER"
PAUSE_SECONDS = 0.1
"""Longer than the moment in which a child is forked but doesn't carry its own environment yet."""


@contextmanager
def guarded(lock: IO[str]) -> Iterator[str]:
    """Start a guard for this process and yield the mark; the guard keeps the lock until all is gone."""
    mark = secrets.token_hex(16)
    guard = subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, mark],
        stdin=subprocess.PIPE,
        pass_fds=[lock.fileno()],
        start_new_session=True,
    )
    with guard:
        yield mark


def kill_marked(mark: str) -> None:
    """Kill every process that carries the mark, until none is found twice in a row."""
    quiet = 0
    while quiet < 2:  # noqa: PLR2004
        pids = list(marked(mark))
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        quiet = 0 if pids else quiet + 1
        time.sleep(PAUSE_SECONDS)


def marked(mark: str) -> Iterator[int]:
    """Yield the pids of the processes that carry the mark."""
    wanted = f"{MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        # It may have ended, or be another user's.
        with suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                yield int(folder.name)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    sys.stdin.buffer.read()
    kill_marked(sys.argv[1])
