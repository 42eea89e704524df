"""The servers that receive side by side, ours and the tutorial app, and a run of each; callers choose what to send.

bench/Procfile says how they are started.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bench.client import Order
from bench.payload import Payload
from bench.procfs import child_running, cpu_seconds
from bench.report import Report
from bench.rounds import Run
from bench.sending import send
from bench.stack import measured, plan_in
from deploy.local.ready import ready
from deploy.local.stack import ROOT
from shared.settings import Settings

RAW, MULTIPART = "ours, raw", "ours, multipart"
TUTORIAL, TUTORIAL_DELAY = "tutorial app", "tutorial app + .delay()"
UPLOADS = "tutorial"
"""The tutorial app's folder in DATA_DIR."""


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to hand in a file: a server, by what tells its command line from others, its route, the framing."""

    words: tuple[str, ...]
    port: int
    path: str
    multipart: bool

    async def run(self, payload: Payload, count: int = 1, concurrency: int = 1) -> Run:
        """Return what receiving the file `count` times cost the server."""
        server = child_running(*self.words)
        order = Order(self.port, self.path, str(payload.path), self.multipart, count, concurrency)
        before = cpu_seconds(server)
        answers = await send(order, payload)
        used = cpu_seconds(server) - before
        return Run(used, max(answer.answered_at for answer in answers) - min(answer.begun_at for answer in answers))


Contenders = dict[str, Contender]


def compared(data_dir: Path, measure: Callable[[Contenders], Awaitable[Report]]) -> Report:
    """Return what `measure` reports of the contenders, while they run with their data in `data_dir`."""
    (data_dir / UPLOADS).mkdir(parents=True)
    plan = plan_in(data_dir, ROOT / "bench" / "Procfile")
    settings = plan.settings

    async def all_ready() -> Report:
        for port in (settings.flower_port, settings.exporter_port):
            await ready(f"{settings.host}:{port}")
        return await measure(_contenders(settings))

    return measured(plan, all_ready)


def remove_received(data_dir: Path) -> None:
    """Remove the files that the contenders hold, so that the disk doesn't fill."""
    for folder in (data_dir / "objects", data_dir / UPLOADS):
        for path in folder.rglob("*"):
            if path.is_file():
                path.unlink()


def _contenders(settings: Settings) -> Contenders:
    api, tutorial = ("-m", "api"), "bench.peers.tutorial_app:app"
    plain, delay = settings.flower_port, settings.exporter_port
    return {
        RAW: Contender(api, settings.port, "/ingest?filename=video.mp4", multipart=False),
        MULTIPART: Contender(api, settings.port, "/ingest", multipart=True),
        TUTORIAL: Contender((tutorial, str(plain)), plain, "/upload", multipart=True),
        TUTORIAL_DELAY: Contender((tutorial, str(delay)), delay, "/upload", multipart=True),
    }
