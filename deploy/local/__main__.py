"""`python -m deploy.local`: run the whole stack until Ctrl-C or SIGTERM; `make run` is the way to it."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from deploy.local.environment import read_settings
from deploy.local.screen import screen
from deploy.local.stack import ROOT, Plan, launch
from deploy.local.terminal import echo, exit_code, say


def run() -> None:
    """Run the stack and show the screen."""
    given = _arguments()
    logs = echo if given.verbose or os.environ.get("LOGS") else None
    plan = Plan(read_settings(), dict(os.environ), say, logs, given.procfile)

    async def show(redis_url: str) -> None:
        say(screen(plan, redis_url))
        await asyncio.Event().wait()

    launch(plan, show)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description="Run the whole stack.")
    parser.add_argument("-v", "--verbose", action="store_true", help="show the logs here too (or LOGS=1)")
    parser.add_argument("--procfile", type=Path, default=ROOT / "Procfile", help="what to run")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(exit_code(run))
