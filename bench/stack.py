"""The stack to measure: the launcher's, in a folder of its own and without limits; it leaves measuring to others."""

import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.procfs import children
from bench.report import Report
from deploy.local.environment import isolated
from deploy.local.stack import ROOT, Plan, launch
from deploy.local.terminal import say

UNLIMITED = "1000000/minute"
SECONDS = 1800.0


def plan_in(folder: Path, procfile: Path = ROOT / "Procfile") -> Plan:
    """Return a plan on free ports that heeds neither `.env` nor our environment."""
    settings, environ = isolated(os.environ, data_dir=folder, rate_limit=UNLIMITED, read_rate_limit=UNLIMITED)
    return Plan(settings, environ, say, procfile=procfile)


def measured(plan: Plan, measure: Callable[[], Awaitable[Report]]) -> Report:
    """Return what `measure` reports while the stack runs. Raise LaunchError where either goes wrong."""
    reports: list[Report] = []

    async def body(_redis_url: str) -> None:
        reports.append(await measure())

    launch(plan, body, seconds=SECONDS)
    return reports[0]


def redis() -> tuple[int, int]:
    """Return the embedded Redis's pid and its port, which it writes into its title."""
    for pid in children(os.getpid()):
        title = re.search(r"-server 127\.0\.0\.1:(\d+)", Path(f"/proc/{pid}/cmdline").read_text())
        if title:
            return pid, int(title[1])
    raise LookupError("No child of ours is the embedded Redis.")
