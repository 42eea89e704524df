"""`python -m tests.fuzz --minutes M --seed N`: look for bytes that our describers do not take; `make fuzz` runs it.

What is found is kept in a folder, one file for each fault; `python -m tests.fuzz --replay FILE` tries one again.
"""

import argparse
import asyncio
import hashlib
import logging
import random
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.corpus.examined import RecordingCage
from tests.fuzz.edits import KINDS, Edit, edited, edited_inside
from tests.fuzz.fuzzed import Fuzzed, fuzzed
from tests.fuzz.seeds import all_seeds
from workers.cage.warm_process import CageUnavailable

_PARTS = 2**16


@dataclass
class Tally:
    """What was seen so far, and where the bytes of interest are kept."""

    folder: Path
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: dict[str, Path] = field(default_factory=dict)
    slowest: float = 0.0

    def add(self, content: bytes, result: Fuzzed) -> None:
        """Count the result and keep its bytes where they are the first of their fault."""
        self.counts[result.kind, result.verdict] += 1
        self.slowest = max(self.slowest, result.seconds)
        if result.finding:
            self._keep(content, "finding", result.finding)
        elif result.verdict.startswith("parser"):
            self._keep(content, "allowed", result.verdict)

    def _keep(self, content: bytes, what: str, fault: str) -> None:
        same = f"{what}: {re.sub(r'[0-9]+', 'N', fault)[:120]}"
        if same in self.findings:
            return
        path = self.folder / f"{what}-{hashlib.sha256(content).hexdigest()[:12]}"
        path.write_bytes(content)
        self.findings[same] = path
        print(f"{path}: {fault}", flush=True)

    def told(self) -> str:
        """Return the counts by kind and verdict, and what was found."""
        rows = [f"{number:8} {kind}: {verdict}" for (kind, verdict), number in sorted(self.counts.items())]
        found = [f"{path}  {fault}" for fault, path in sorted(self.findings.items())]
        total = f"{self.counts.total()} files, the slowest {self.slowest:.1f} s"
        return "\n".join([*rows, total, *(found or ["Nothing was found."])])


async def fuzz(minutes: float, seed: int, folder: Path) -> Tally:
    """Examine edited files for so long, the same ones for the same seed."""
    chance, tally, themes = random.Random(seed), Tally(folder), list(all_seeds().values())
    until = time.monotonic() + 60 * minutes
    with tempfile.TemporaryDirectory() as scratch:
        async with RecordingCage() as cage:
            while time.monotonic() < until:
                content = _made(chance, themes)
                try:
                    tally.add(content, await fuzzed(cage, Path(scratch) / "file", content))
                except CageUnavailable as fault:
                    tally.add(content, Fuzzed("unknown", "no verdict", f"The cage failed: {fault}", 0))
    return tally


def _made(chance: random.Random, themes: list[list[bytes]]) -> bytes:
    seeds = chance.choice(themes)
    edits = [
        Edit(chance.choice(KINDS), *(chance.randrange(_PARTS) for _ in range(3))) for _ in range(chance.randint(1, 8))
    ]
    return chance.choice((edited, edited_inside))(chance.choice(seeds), edits, chance.choice(seeds))


async def replay(path: Path) -> Fuzzed:
    """Examine a kept file again."""
    with tempfile.TemporaryDirectory() as scratch:
        async with RecordingCage() as cage:
            return await fuzzed(cage, Path(scratch) / "file", path.read_bytes())


def main() -> None:
    """Fuzz or replay; exit with 1 where there are findings."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("fuzz-findings"), help="where bytes of interest are kept")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="try one file again")
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # each fault is told below
    if options.replay:
        print(asyncio.run(replay(options.replay)))
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    tally = asyncio.run(fuzz(options.minutes, options.seed, options.folder))
    print(tally.told())
    print(f"Replay one by: python -m tests.fuzz --replay {options.folder}/NAME")
    sys.exit(any(fault.startswith("finding") for fault in tally.findings))


if __name__ == "__main__":
    main()
