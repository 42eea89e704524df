"""What caged children ask of the kernel, as strace(1) sees it; it leaves what is asked of them to the tests."""

import asyncio
import platform
import re
import signal
import subprocess
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from workers.cage import seccomp
from workers.cage.cage import Cage
from workers.examine.examination import Examine, Question

# Looking at an open file is one call with looking at a path, so its arguments are looked at below.
UNSEEN = sorted(seccomp._ARCHITECTURES[platform.machine()].calls.keys() - {"newfstatat"})
CONFINED = "prctl(PR_SET_NO_NEW_PRIVS, 1"
# What a child goes on with then, and can only lose by; whatever else is no call, but a signal or the end.
STEPS = re.compile(r"landlock_|prctl\(PR_SET_SECCOMP|prlimit64\(|setrlimit\(|newfstatat\(\d+, \"\",|[-+]{3} ")
REFUSED = re.compile(r"= -1 E[A-Z]+ \(.*\)$")


@dataclass(frozen=True)
class Traced:
    """What confined children did beyond the calls that they need."""

    children: int
    offences: list[str]
    """Calls that succeeded."""
    attempts: list[str]
    """Calls that were refused."""


async def traced(cage: Cage, asked: Iterable[tuple[Path, Question]]) -> Traced:
    """Ask the cage of each file under strace; return what every child did from its confinement on."""
    (first, question), *others = asked
    with TemporaryDirectory() as folder:
        await _waits(cage)
        async with _strace(cage, Path(folder, "child")):
            await _ask(cage, first, question)  # of the child that waits already, which strace does not see
            for file, each in ((first, question), *others):
                await _ask(cage, file, each)
        return _summary([path.read_text(errors="replace") for path in sorted(Path(folder).iterdir())])


async def _waits(cage: Cage) -> None:
    """Return once a child waits for its file, at the latest after a second."""
    warm = psutil.Process(cage._warm.process.pid)
    for _ in range(100):
        if warm.children():
            return
        await asyncio.sleep(0.01)


async def _ask(cage: Cage, file: Path, question: Question) -> None:
    await (cage.examine(file, question) if isinstance(question, Examine) else cage.preview(file, question))


@asynccontextmanager
async def _strace(cage: Cage, output: Path) -> AsyncIterator[None]:
    warm = cage._warm.process.pid
    calls = f"!{','.join(UNSEEN)}"
    # Each process writes a file of its own, so that no line is cut by another's.
    command = ["strace", "-ff", "--output", output, f"--trace={calls}", "--attach", str(warm)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        told = await asyncio.to_thread(strace.stderr.readline)
        assert "attached" in told, f"strace cannot watch: {told}"
        # It tells of every child: unread, it would wait; without a reader, it would die before its last lines.
        rest = asyncio.create_task(asyncio.to_thread(strace.stderr.read))
        try:
            yield
        finally:
            strace.send_signal(signal.SIGINT)
            await rest
        assert cage._warm.process.pid == warm, "The warm process was replaced, so the trace is not whole."


def _summary(outputs: list[str]) -> Traced:
    lives = [_confined_life(output.splitlines()) for output in outputs if f"\n{CONFINED}" in output]
    calls = [line for life in lives for line in life if not STEPS.match(line)]
    attempts = [line for line in calls if REFUSED.search(line)]
    return Traced(len(lives), [line for line in calls if line not in attempts], attempts)


def _confined_life(lines: list[str]) -> list[str]:
    begin = next(number for number, line in enumerate(lines) if line.startswith(CONFINED))
    return lines[begin + 1 :]
