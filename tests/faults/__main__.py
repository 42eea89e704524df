"""`python -m tests.faults --minutes M --seed N --catalog C`: a long storm; `make storm` runs it."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.faults.schedule import POSTGRES, SQLITE
from tests.faults.storm import Storm, rage


def main() -> None:
    """Let a storm rage; exit with 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--catalog", choices=(SQLITE, POSTGRES), default=SQLITE)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hmas-storm-"))
    folder.chmod(0o755)  # PostgreSQL's own user passes through
    print(f"{options.minutes:g} minutes, seed {options.seed}, {options.catalog}; logs: {folder}", flush=True)
    outcome = asyncio.run(rage(Storm(options.seed, 60 * options.minutes, options.catalog), folder))
    print(outcome)
    sys.exit(bool(outcome.violations))


if __name__ == "__main__":
    main()
