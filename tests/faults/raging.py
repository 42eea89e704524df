"""A storm in a process of its own: begun, waited for, and stopped in order where nobody waits any more."""

import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

MINUTES = 1
SECONDS_TO_STOP = 60
ROOT = Path(__file__).parents[2]
END_WITH_PARENT = ("setpriv", "--pdeathsig", "INT")
"""A test run that is killed leaves no storm behind. https://man7.org/linux/man-pages/man1/setpriv.1.html"""


@dataclass(frozen=True)
class Raging:
    """A storm that goes on while other tests run; `output` is what it says."""

    process: subprocess.Popen
    output: Path

    @classmethod
    def begun(cls, catalog: str, seed: int) -> Self:
        """Begin a short one."""
        words = ("-m", "tests.faults", f"--minutes={MINUTES}", f"--seed={seed}", f"--catalog={catalog}")
        with tempfile.NamedTemporaryFile(prefix="hmas-storm-", suffix=".out", delete=False) as file:
            command = (*END_WITH_PARENT, sys.executable, *words)
            process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file)
        return cls(process, Path(file.name))

    def ended(self) -> tuple[int, str]:
        """Wait for its end; return its exit code and what it said."""
        return self.process.wait(), self.output.read_text()

    def close(self) -> None:
        """Stop it in order, where it still rages."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(SECONDS_TO_STOP)
