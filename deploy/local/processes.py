"""Start processes, watch them, stop them; it leaves which ones, and in which order, to `stack`.

Each runs in a session of its own, and only its leader gets SIGTERM: Celery's children must finish what they do.
A process lives as long as the coroutine that keeps it: cancelling it stops the process first.
"""

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.local.faults import ProcessEnded
from deploy.local.output import Log, Say
from deploy.local.procfile import Command

TERM_SECONDS = 7.5
"""Between SIGTERM and SIGKILL: with Redis, which stops last, all is gone within 10 s."""
LONGEST_PAUSE_SECONDS = 60.0
SETTLING_SECONDS = 10.0
"""What ends sooner, at its first start, cannot run here at all; what ends later met a fault and is started again."""
NOT_FOUND = 127
"""A shell's exit code for a command that isn't there."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, with the last lines that it said."""

    name: str
    code: int
    last: tuple[str, ...]

    def __str__(self) -> str:
        """Return a sentence."""
        how = f"exit code {self.code}" if self.code >= 0 else signal.Signals(-self.code).name
        return f"{self.name} ended ({how})"

    @property
    def fault(self) -> ProcessEnded:
        """The end as a fault."""
        return ProcessEnded("\n  ".join([f"{self}. Its last lines:", *self.last]))


@dataclass(frozen=True, slots=True)
class Keeper:
    """Runs commands with one environment, their output in `logs`; `say` is for what a person must know."""

    environ: Mapping[str, str]
    logs: Path
    say: Say
    echo: Say | None = None

    async def keep(self, command: Command, *, vital: bool = True) -> None:
        """Run a command, again where it ends, with growing pauses. Raise ProcessEnded where a vital one can't run."""
        pause, settled = 1.0, not vital
        while True:
            started = time.monotonic()
            ended = await self.run(command)
            lived = time.monotonic() - started
            settled = settled or lived > SETTLING_SECONDS
            if not settled:
                raise ended.fault
            pause = 1.0 if lived > SETTLING_SECONDS else min(2 * pause, LONGEST_PAUSE_SECONDS)
            self.say(f"{ended}; all else goes on. Next try in {pause:.0f} s, log in {self.logs}")
            await asyncio.sleep(pause)

    async def run(self, command: Command) -> Ended:
        """Run a command to its end. Where cancelled, stop it before returning."""
        with closing(Log(command.name, self.logs, self.echo)) as log:
            code = await self._run(command, log)
            return Ended(command.name, code, tuple(log.last))

    async def _run(self, command: Command, log: Log) -> int:
        # A pipe of our own: with asyncio's, `wait` may wait for grandchildren that keep it open.
        # https://github.com/python/cpython/issues/119710
        reading, writing = os.pipe()
        copying = asyncio.create_task(log.copy(reading))
        try:
            process = await self._start(command, writing)
        except OSError as error:
            log.write(f"{command.words[0]}: {error.strerror}")
            return NOT_FOUND
        finally:
            os.close(writing)
        try:
            return await process.wait()
        finally:
            await _stop(process)
            await asyncio.wait({copying}, timeout=0.5)
            copying.cancel()

    async def _start(self, command: Command, output: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *command.words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=self.environ,
            start_new_session=True,
        )


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), TERM_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
