"""Doing the faults: each kind of the schedule is the function of that name; it leaves when to the schedule.

A fault holds for its seconds and mends itself, but for what a launcher has to start again.
"""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable

from tests.faults.perception import Log
from tests.faults.processes import family, has_open, send
from tests.faults.proxy import BOTH, IN, OUT, Proxy
from tests.faults.schedule import Planned
from tests.faults.world import World

PROCESSING = ("worker", "worker-large")
MID_STEP_SECONDS, LOOK_SECONDS = 4.0, 0.002
"""How long to wait for a worker to be in the middle of something, looking how often."""
START_SECONDS = 90.0
"""For a worker that has just ended to be started again."""

Doing = Callable[[World, float], Awaitable[str]]
FAULTS: dict[str, Doing] = {}
"""Kind → how it is done; it returns what there is to tell."""


async def let_loose(planned: list[Planned], world: World, log: Log) -> None:
    """Do the faults, each at its time, and log each that is done."""
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for fault in planned:
            group.create_task(_done(fault, began, world, log))


async def _done(fault: Planned, began: float, world: World, log: Log) -> None:
    await asyncio.sleep(began + fault.at - time.monotonic())
    at, started = time.time(), time.monotonic()
    detail = await FAULTS[fault.kind](world, fault.seconds)
    log.add(at=at, kind=fault.kind, detail=detail, seconds=round(time.monotonic() - started, 3))


def _fault(doing: Doing) -> Doing:
    FAULTS[doing.__name__] = doing
    return doing


def _kills(kind: str, part: str) -> None:
    async def killed(world: World, _seconds: float) -> str:
        pids = family(await world.runs(part))
        send(signal.SIGKILL, *pids)
        return f"{part}: {len(pids)} processes, {pids[0]} first"

    FAULTS[kind] = killed


_kills("api_killed", "api")
_kills("worker_killed", "worker")
_kills("worker_large_killed", "worker-large")
_kills("notifier_killed", "notifier")
_kills("beat_killed", "beat")


def _misleads(kind: str, link: Callable[[World], Proxy], mode: str, directions: tuple[str, ...] = BOTH) -> None:
    async def misled(world: World, seconds: float) -> str:
        proxy = link(world)
        proxy.mode(mode, directions)
        await asyncio.sleep(seconds)
        proxy.mode("pass", directions)
        return f"{mode} {' and '.join(directions)}"

    FAULTS[kind] = misled


for _name, _mode in {"stalled": "stall", "delayed": "delay", "reset": "reset"}.items():
    _misleads(f"redis_{_name}", lambda world: world.redis_link, _mode)
    _misleads(f"postgres_{_name}", lambda world: world.postgres_link, _mode)
    _misleads(f"uploads_{_name}", lambda world: world.api_link, _mode)
_misleads("uploads_cut", lambda world: world.api_link, "cut", (IN,))
_misleads("answers_cut", lambda world: world.api_link, "cut", (OUT,))


def _upsets(kind: str, mode: str) -> None:
    async def upset(world: World, seconds: float) -> str:
        await world.perception.mode(mode)
        await asyncio.sleep(seconds)
        await world.perception.mode("well")
        return f"both webhooks: {mode}"

    FAULTS[kind] = upset


for _mode in ("down", "slow", "500", "dies"):
    _upsets(f"perception_{_mode}", _mode)


@_fault
async def redis_killed(world: World, seconds: float) -> str:
    await world.redis.kill()
    await asyncio.sleep(seconds)
    await world.redis.start()
    return "back with its append-only file"


@_fault
async def redis_killed_without_aof(world: World, seconds: float) -> str:
    await world.redis.kill()
    world.redis.forget()
    await asyncio.sleep(seconds)
    await world.redis.start()
    return "back empty"


@_fault
async def redis_flushed(world: World, _seconds: float) -> str:
    await world.redis.flush()
    return "all databases"


@_fault
async def redis_stopped(world: World, seconds: float) -> str:
    world.redis.freeze()
    await asyncio.sleep(seconds)
    world.redis.thaw()
    return "SIGSTOP, SIGCONT"


@_fault
async def postgres_stopped(world: World, seconds: float) -> str:
    world.postgres.freeze()
    await asyncio.sleep(seconds)
    world.postgres.thaw()
    return "SIGSTOP, SIGCONT"


@_fault
async def postgres_killed(world: World, seconds: float) -> str:
    await world.postgres.kill()
    await asyncio.sleep(seconds)
    await world.postgres.start()
    return "SIGQUIT; back, recovered"


@_fault
async def disk_full(world: World, seconds: float) -> str:
    size = world.disk.fill()
    await asyncio.sleep(seconds)
    world.disk.free()
    return f"{size} bytes of ballast"


@_fault
async def worker_child_killed(world: World, _seconds: float) -> str:
    pid, busy = await _busy_child(world)
    send(signal.SIGKILL, pid)
    return f"{pid}, {busy}"


@_fault
async def worker_child_stopped(world: World, seconds: float) -> str:
    """It loses its lease meanwhile, and goes on where it was."""
    pid, busy = await _busy_child(world)
    send(signal.SIGSTOP, pid)
    await asyncio.sleep(seconds)
    send(signal.SIGCONT, pid)
    return f"{pid}, {busy}"


async def _busy_child(world: World) -> tuple[int, str]:
    """Return the first child of a worker that is seen with an object open, or after a while any, and which it was."""
    until = time.monotonic() + MID_STEP_SECONDS
    while True:
        children = [pid for part in PROCESSING for pid in world.processes.worker_children(part)]
        for pid in children:
            if has_open(pid, world.disk.folder / "objects"):
                return pid, "in mid-step"
        if children and time.monotonic() > until:
            return children[0], "idle"
        assert time.monotonic() < until + START_SECONDS, "no worker has children"
        await asyncio.sleep(LOOK_SECONDS)
