"""The servers that receive side by side, ours and the peers, and a run of each; callers choose what to send.

bench/Procfile says how they are started, and `make peers` installs them; one that is not there is missing aloud.
"""

import asyncio
import hashlib
import subprocess
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from string import Template

from bench.client import Framing, Order
from bench.payload import Payload
from bench.procfs import child_listening, cpu_seconds
from bench.report import Report
from bench.rounds import Run
from bench.sending import UploadFailed, send
from bench.stack import measured, plan_in
from deploy.local.ready import ready
from deploy.local.stack import FIRST, ROOT, Plan
from deploy.local.terminal import say
from shared.settings import Settings

RAW, MULTIPART, TUS = "ours, raw", "ours, multipart", "ours, tus"
STANDARD, STANDARD_MULTIPART = "ours under plain uvicorn, raw", "ours under plain uvicorn, multipart"
TUTORIAL, TUTORIAL_DELAY = "tutorial app", "tutorial app + .delay()"
NGINX, TUSPYSERVER, TUS_NODE = "nginx, PUT", "tuspyserver, tus", "@tus/server, tus"
PEERS = ROOT / "bench" / "peers"
MISSING = "NOT INSTALLED: make peers"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to hand in a file: the server's name in bench/Procfile, the setting that is its port, route, framing."""

    server: str
    port: str
    path: str
    framing: Framing
    kept: str
    """Where in DATA_DIR the server keeps what it received."""
    needs: Path = ROOT
    """What is there where the server is installed."""


# `standard` and `tutorial-delay` share a port: no benchmark has both.
WAYS = {
    RAW: Way("api", "port", "/ingest?filename=video.mp4", "raw", "objects"),
    MULTIPART: Way("api", "port", "/ingest", "multipart", "objects"),
    TUS: Way("api", "port", "/uploads", "tus", "objects"),
    STANDARD: Way("standard", "exporter_port", "/ingest?filename=video.mp4", "raw", "standard/objects"),
    STANDARD_MULTIPART: Way("standard", "exporter_port", "/ingest", "multipart", "standard/objects"),
    TUTORIAL: Way("tutorial", "flower_port", "/upload", "multipart", "tutorial"),
    TUTORIAL_DELAY: Way("tutorial-delay", "exporter_port", "/upload", "multipart", "tutorial-delay"),
    NGINX: Way("nginx", "metrics_port", "/kept/", "put", "nginx/kept", PEERS / "nginx" / "installed"),
    TUSPYSERVER: Way(
        "tuspyserver", "large_metrics_port", "/files", "tus", "tuspyserver", ROOT / ".venv-tuspyserver" / "installed"
    ),
    TUS_NODE: Way(
        "tus-node", "notifier_metrics_port", "/files", "tus", "tus-node", PEERS / "node_modules" / "installed"
    ),
}


@dataclass(frozen=True, slots=True)
class Contender:
    """A server that runs, and the way to hand in a file to it; `kept` is where it keeps what it received."""

    port: int
    path: str
    framing: Framing
    kept: Path

    async def run(self, payload: Payload, count: int = 1, concurrency: int = 1) -> Run:
        """Return what receiving the file `count` times cost the server."""
        server = child_listening(self.port)
        order = Order(self.port, self.path, str(payload.path), self.framing, count, concurrency)
        before = cpu_seconds(server)
        answers = await send(order, payload)
        used = cpu_seconds(server) - before
        return Run(used, max(answer.answered_at for answer in answers) - min(answer.begun_at for answer in answers))

    async def check_kept(self, payload: Payload) -> None:
        """Raise UploadFailed unless the server has kept the file once, byte by byte."""
        sizes = [path for path in _files(self.kept) if path.stat().st_size == payload.size]
        digests = [await asyncio.to_thread(_sha256, path) for path in sizes]
        if digests != [payload.sha256]:
            raise UploadFailed(f"{self.path}: of the file's size there are {len(digests)}: {digests}")

    def remove_kept(self) -> None:
        """Remove what the server received, so that the disk doesn't fill."""
        for path in _files(self.kept):
            path.unlink()


Contenders = dict[str, Contender]


def compared(data_dir: Path, names: Iterable[str], measure: Callable[[Contenders], Awaitable[Report]]) -> Report:
    """Return what `measure` reports of those that are installed, while they run with their data in `data_dir`."""
    ways = {name: WAYS[name] for name in names if WAYS[name].needs.exists()}
    for name in sorted(set(names) - set(ways)):
        say(f"{name}: {MISSING}. It is not compared.")
    plan = _plan(data_dir, ways.values())

    async def all_ready() -> Report:
        for way in ways.values():
            await ready(f"{plan.settings.host}:{getattr(plan.settings, way.port)}")
        return await measure({name: _contender(way, plan.settings) for name, way in ways.items()})

    return measured(plan, all_ready)


def nginx_version() -> str:
    """Return the name and version that nginx gives itself."""
    told = subprocess.run(
        (PEERS / "nginx" / "usr" / "sbin" / "nginx", "-v"), capture_output=True, text=True, check=True
    )
    return told.stderr.rpartition(" ")[2].strip()


def _plan(data_dir: Path, ways: Iterable[Way]) -> Plan:
    """Return a plan that starts the servers of these ways alone; their folders and files are laid."""
    for way in ways:
        (data_dir / way.kept).mkdir(parents=True, exist_ok=True)
    servers = {FIRST, *(way.server for way in ways)}
    lines = (ROOT / "bench" / "Procfile").read_text().splitlines(keepends=True)
    procfile = data_dir / "Procfile"
    procfile.write_text("".join(line for line in lines if line.partition(":")[0] in servers))
    plan = plan_in(data_dir, procfile)
    if "nginx" in servers:
        conf = Template((PEERS / "nginx.conf").read_text()).substitute(PORT=plan.settings.metrics_port)
        (data_dir / "nginx" / "nginx.conf").write_text(conf)
    return plan


def _contender(way: Way, settings: Settings) -> Contender:
    return Contender(getattr(settings, way.port), way.path, way.framing, settings.data_dir / way.kept)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
