"""How much memory one large upload takes in both tiers of the whole stack; it leaves time and CPU to the others."""

import asyncio
import os
from pathlib import Path

from bench.client import Order
from bench.following import all_taken
from bench.payload import Payload, padded_clip
from bench.peaks import Peaks, watched
from bench.procfs import child_running
from bench.report import Report, verdict
from bench.sending import send
from bench.stack import measured, plan_in
from deploy.local.stack import Plan

MIB, GIB = 1024**2, 1024**3
SMALL_BYTES = 256 * 1024
WARM_UPS = 8
"""Enough for each of the worker's children to have had one."""
SETTLE_SECONDS = 3.0
API_MIB, WORKER_MIB = 96, 128
METHOD = f"""\
The whole stack takes {WARM_UPS} small MP4s, rests, and then takes one large MP4, until the consumer has its event.
Growth is the peak of each process (VmHWM, reset before) over what it held at rest. The worker is a tier of processes:
the worker, its children, and the cage with a child for each file. Their growths are added and held against the goal,
though they need not peak at the same moment. `BIG=1` adds 10 GiB."""


def measure(folder: Path) -> Report:
    """Measure in the folder, and report."""
    sizes = [GIB, 10 * GIB] if os.environ.get("BIG") else [GIB]
    small = padded_clip(folder / "small.mp4", SMALL_BYTES)
    plan = plan_in(folder / "data")

    async def follow() -> Report:
        tiers: list[tuple[int, Peaks, Peaks]] = []
        await _through(plan, small, WARM_UPS)
        for size in sizes:
            large = await asyncio.to_thread(padded_clip, folder / "large.mp4", size)
            tiers.append((size, *await _grown(plan, large)))
        return _report(tiers)

    return measured(plan, follow)


async def _grown(plan: Plan, payload: Payload) -> tuple[Peaks, Peaks]:
    await asyncio.sleep(SETTLE_SECONDS)
    api, worker = Peaks(child_running("-m", "api")), Peaks(child_running("workers.celery_app", "worker"))
    async with watched(api, worker):
        await _through(plan, payload, 1)
    return api, worker


async def _through(plan: Plan, payload: Payload, count: int) -> None:
    """Send the file, and wait until the consumer has taken each of its events."""
    path = "/ingest?filename=video.mp4"
    order = Order(plan.settings.port, path, str(payload.path), count=count, concurrency=count)
    answers = await send(order, payload)
    await all_taken(plan.data_dir, {str(answer.body["id"]) for answer in answers})


def _report(tiers: list[tuple[int, Peaks, Peaks]]) -> Report:
    rows = []
    figures = {}
    for size, api, worker in tiers:
        name = f"{size // GIB} GiB"
        rows += [_row(name, "API", api, API_MIB), _row(name, "worker", worker, WORKER_MIB)]
        figures[name] = {"api": api.growth, "worker": worker.growth}
    columns = ("upload", "tier", "processes", "at rest, MiB", "largest growth, MiB", "all growth, MiB", "goal")
    return Report("memory", METHOD, columns, rows, figures)


def _row(size: str, tier: str, peaks: Peaks, limit: int) -> tuple[str, ...]:
    growth = [grown / MIB for grown in peaks.growth.values()]
    total = sum(growth)
    sizes = (f"{peaks.idle / MIB:.0f}", f"{max(growth):.1f}", f"{total:.1f}")
    return (size, tier, str(len(growth)), *sizes, verdict(total, limit, "MiB"))
