"""Where a figure was measured: machine, versions, commit, load; it leaves the figures to the benchmarks."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from deploy.local.stack import ROOT

BUSY_LOAD = 0.5
PACKAGES = ("fastapi", "uvicorn", "uvloop", "celery")
GIB = 1024**3


def place() -> str:
    """Return machine, versions, commit and date in one line."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    parts = (
        f"{os.cpu_count()} cores ({_processor()})",
        f"{memory / GIB:.0f} GiB of memory",
        f"Linux {platform.release()}",
        f"Python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in PACKAGES),
        f"commit {_commit()}",
        f"{datetime.now(UTC):%Y-%m-%d}",
    )
    return ", ".join(parts)


def load() -> float:
    """Return the load of the last minute: figures from a busy machine are worth little."""
    return os.getloadavg()[0]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def _commit() -> str:
    commit = _git("rev-parse", "--short=12", "HEAD")
    # Our own page changes with every run.
    changed = _git("status", "--porcelain", "--", ".", ":!docs/performance*")
    return f"{commit} with changes" if commit and changed else commit or "unknown"


def _git(*words: str) -> str:
    try:
        answer = subprocess.run(("git", "-C", str(ROOT), *words), capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""  # an export without its repository
    return answer.stdout.strip()
