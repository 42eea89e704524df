"""Start the whole stack through its launcher, as a process of its own; it imports nothing of the project."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
READY_SECONDS = 90
WATCHERS = ("flower", "exporter")
"""Lines of the Procfile that only watch."""


@dataclass(frozen=True)
class Launched:
    """A launcher and what it was given."""

    process: subprocess.Popen
    data_dir: Path
    output: Path
    settings: dict[str, str]

    @property
    def url(self) -> str:
        """The API, without a final slash."""
        return f"http://127.0.0.1:{self.settings['PORT']}"

    @property
    def worker_metrics_url(self) -> str:
        """The worker's metrics."""
        return f"http://127.0.0.1:{self.settings['METRICS_PORT']}/metrics"

    @property
    def large_metrics_url(self) -> str:
        """worker-large's metrics."""
        return f"http://127.0.0.1:{self.settings['LARGE_METRICS_PORT']}/metrics"

    @property
    def notifier_metrics_url(self) -> str:
        """The notifier's metrics."""
        return f"http://127.0.0.1:{self.settings['NOTIFIER_METRICS_PORT']}/metrics"

    @property
    def exporter_metrics_url(self) -> str:
        """The Celery exporter's metrics."""
        return f"http://127.0.0.1:{self.settings['EXPORTER_PORT']}/metrics"

    @property
    def flower_url(self) -> str:
        """Flower, without a final slash."""
        return f"http://127.0.0.1:{self.settings['FLOWER_PORT']}"

    @property
    def perception_log(self) -> Path:
        """Where the example consumer writes what it took."""
        return self.data_dir / "perception" / "events.jsonl"

    @property
    def said(self) -> str:
        """What the launcher has said so far."""
        return self.output.read_text()

    @property
    def redis_url(self) -> str:
        """The embedded Redis, as the screen names it."""
        return re.search(r"redis://\S+", self.said)[0]

    def ready(self) -> "Launched":
        """Wait for the screen."""
        until = time.monotonic() + READY_SECONDS
        while "is ready" not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < until, self.said
            time.sleep(0.05)
        return self

    def pids(self) -> set[int]:
        """Everything that works on this DATA_DIR, the launcher and its guard too."""
        return {self.process.pid} & set(_pids()) | _pids_with(f"DATA_DIR={self.data_dir}")

    def workers(self, name: str) -> set[int]:
        """The Celery processes of one kind of worker: worker, worker-large or notifier."""
        return {pid for pid in self.pids() if f"\0-n\0{name}@" in _command_line(pid)}

    def children(self) -> list[int]:
        """The launcher's own children, whatever their environment says."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(child) for task in tasks for child in task.read_text().split()]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Send the signal to the launcher; return the seconds until it had ended."""
        started = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(timeout=30)
        return time.monotonic() - started

    def end(self) -> None:
        """Kill what still runs: who asks no more of it need not wait for a stop in order."""
        self.process.kill()
        self.process.wait()
        while pids := self.pids():
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)


def procfile_without(names: tuple[str, ...], path: Path) -> str:
    """Write a Procfile that lacks some lines; return the argument that makes it the launcher's."""
    lines = (ROOT / "Procfile").read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if line.partition(":")[0] not in names))
    return f"--procfile={path}"


def launch(data_dir: Path, *arguments: str, **settings: str) -> Launched:
    """Start a launcher on free ports, whatever a developer's `.env` says."""
    settings = {**_defaults(), **_free_ports(), "REDIS_URL": "", "DATA_DIR": str(data_dir), **settings}
    output = data_dir.with_name(f"{data_dir.name}-{time.monotonic_ns()}.out")
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", *arguments],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    return Launched(process, data_dir, output, settings)


def _defaults() -> dict[str, str]:
    example = (ROOT / ".env.example").read_text()
    return dict(re.findall(r"^#([A-Z_]+)=(.*)$", example, re.MULTILINE))


def _free_ports() -> dict[str, str]:
    names = ("PORT", "METRICS_PORT", "LARGE_METRICS_PORT", "NOTIFIER_METRICS_PORT", "FLOWER_PORT", "EXPORTER_PORT")
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        return {name: str(server.getsockname()[1]) for name, server in zip(names, sockets, strict=True)}


def _pids() -> Iterator[int]:
    return (int(folder.name) for folder in Path("/proc").glob("[0-9]*"))


def _command_line(pid: int) -> str:
    """Return nothing for one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def _pids_with(variable: str) -> set[int]:
    found = set()
    for pid in _pids():
        with suppress(OSError):
            if variable.encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                found.add(pid)
    return found
