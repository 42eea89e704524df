"""How many uploads a second the whole pipeline sustains, and what gives first; single costs are measured elsewhere."""

import asyncio
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.client import Order
from bench.latency import percentile
from bench.payload import Payload, picture, text_file
from bench.procfs import child_named, child_running, cpu_seconds, held, open_files, tree
from bench.report import Report
from bench.sending import UploadFailed, program
from bench.stack import measured, plan_in
from bench.stream import Count, Plan
from deploy.local import stack

MIB = 1024**2
TEXT_BYTES, PICTURE_PIXELS = 4096, (640, 480)
TEXTS_TO_A_PICTURE = 9
CONNECTIONS, WAITING = 16, 200
WARM_UP_SECONDS, MARGIN_SECONDS = 10.0, 1.0
PARTS = {
    "api": ("-m", "api"),
    "worker": ("worker@%h",),
    "worker-large": ("worker-large@%h",),
    "notifier": ("notifier@%h",),
    "beat": ("beat",),
    "perception": ("examples/perception_consumer.py",),
    "senders": ("bench.stream",),
}
"""The processes of the Procfile, each by words that only its command line has."""
METHOD = f"""\
The whole stack takes texts of 4 KiB and, each tenth, a JPEG of {PICTURE_PIXELS[0]} by {PICTURE_PIXELS[1]}, over
{CONNECTIONS} connections. At most {WAITING} are between their receipt and their end: the senders wait for the slowest
part, so what is measured is all of it. CPU is that of each part with its children, and its share of all cores' time.
Memory is PSS, where shared pages are shared out. It and the open files are counted after {WARM_UP_SECONDS:.0f} s of the
same load, and at the end. `MINUTES=0.5` makes it shorter."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a part uses: CPU seconds until now, and what it holds now."""

    cpu_seconds: float
    processes: int
    memory: int
    open_files: int


def measure(folder: Path) -> Report:
    """Measure in the folder, and report."""
    seconds = 60 * float(os.environ.get("MINUTES", "5"))
    texts, pictures = text_file(folder / "note.txt", TEXT_BYTES), picture(folder / "picture.jpg", *PICTURE_PIXELS)
    plan = plan_in(folder / "data")

    async def follow() -> Report:
        orders = [_order(plan, texts)] * TEXTS_TO_A_PICTURE + [_order(plan, pictures)]
        await _streamed(orders, WARM_UP_SECONDS)
        return await _measured(orders, seconds)

    return measured(plan, follow)


def _order(plan: stack.Plan, payload: Payload) -> Order:
    path = f"/ingest?filename={payload.path.name}"
    return Order(plan.settings.port, path, str(payload.path))


async def _measured(orders: list[Order], seconds: float) -> Report:
    streaming = asyncio.create_task(_streamed(orders, seconds))
    await asyncio.sleep(MARGIN_SECONDS)  # the senders are a part, and must be there
    began, before = time.monotonic(), _used()
    await asyncio.sleep(seconds - 2 * MARGIN_SECONDS)
    after, wall = _used(), time.monotonic() - began
    return _report(await streaming, before, after, seconds, wall)


async def _streamed(orders: list[Order], seconds: float) -> Count:
    plan = Plan(orders, CONNECTIONS, seconds, WAITING)
    count = Count(**await program("bench.stream", asdict(plan)))
    if count.ends != {"completed": count.accepted}:
        raise UploadFailed(f"{count.accepted} uploads were accepted, and ended so: {count.ends}")
    return count


def _used() -> dict[str, Usage]:
    roots = {name: child_running(*words) for name, words in PARTS.items()}
    roots["redis"] = child_named("redis-server", "valkey-server")
    return {name: _usage(root) for name, root in roots.items()}


def _usage(root: int) -> Usage:
    pids = list(tree(root))
    return Usage(cpu_seconds(root), len(pids), sum(map(held, pids)), sum(map(open_files, pids)))


def _report(count: Count, before: dict[str, Usage], after: dict[str, Usage], seconds: float, wall: float) -> Report:
    cpu = {name: after[name].cpu_seconds - before[name].cpu_seconds for name in after}
    shares = {name: spent / wall / (os.cpu_count() or 1) for name, spent in cpu.items()}
    columns = (
        "part",
        "CPU s",
        "share of all cores",
        "processes",
        "memory, MiB",
        "at the end",
        "open files",
        "at the end",
    )
    rows = [
        _row(name, cpu[name], shares[name], before[name], after[name]) for name in sorted(cpu, key=lambda n: -cpu[n])
    ]
    figures = {
        "seconds": seconds,
        "count": asdict(count),
        "before": {name: asdict(usage) for name, usage in before.items()},
        "after": {name: asdict(usage) for name, usage in after.items()},
    }
    return Report("sustained", f"{METHOD}\n\n{_told(count, shares, seconds)}", columns, rows, figures)


def _row(name: str, cpu: float, share: float, before: Usage, after: Usage) -> tuple[str, ...]:
    processes = str(after.processes)
    memory = (f"{before.memory / MIB:.1f}", f"{after.memory / MIB:.1f}")
    return (name, f"{cpu:.1f}", f"{share:.0%}", processes, *memory, str(before.open_files), str(after.open_files))


def _told(count: Count, shares: dict[str, float], seconds: float) -> str:
    """Return the figures in sentences."""
    waits = [1000 * wait for wait in count.waits]
    first = max(shares, key=lambda name: shares[name])
    return (
        f"**{count.accepted / seconds:.0f} uploads a second** were accepted for {seconds / 60:g} minutes, and "
        f"{count.ended_in_time / seconds:.0f} a second completed meanwhile; all {count.accepted} did in the end. "
        f"From receipt to end: median {percentile(waits, 50):.0f} ms, p99 {percentile(waits, 99):.0f} ms, "
        f"worst {max(waits):.0f} ms. All parts together took {sum(shares.values()):.0%} of the cores' time; "
        f"{first} took most of it, {shares[first]:.0%}."
    )
