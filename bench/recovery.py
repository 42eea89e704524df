"""How soon all that a fault hit has its final state: kills of worker and Redis, FLUSHALL, at default settings.

It leaves proving that nothing is lost to the tests of faults.
"""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from redis.asyncio import Redis

from bench.latency import percentile
from bench.procfs import child_running, children
from bench.report import Report, verdict
from bench.stack import measured, plan_in, redis
from deploy.local.faults import LaunchError
from deploy.local.processes import SETTLING_SECONDS
from deploy.local.stack import Plan
from shared.ingest import FINAL, State

ROUNDS = 5
LARGE_BYTES = 200_000_000
"""Takes long enough to be met in mid-task, and is not yet one for worker-large."""
SMALL = b"a small file\n"
BURST = 20
POLL_SECONDS = 0.01
PATIENCE_SECONDS = 60.0
GOAL_SECONDS = 5.0
METHOD = f"""\
The whole stack at default settings but for the rate limits, {ROUNDS} rounds of each fault, in turn. A kill of worker
processes meets a file of {LARGE_BYTES // 10**6} MB in mid-task; a kill of Redis follows on {BURST} small ones, and
FLUSHALL comes while they arrive. Right after the fault one more small file is sent. *affected*: from the fault to the
final state of the last ingest that had none yet. *new*: from the fault to the final state of the one that was sent
after it. The launcher starts again what was killed."""


class NotRecovered(LaunchError):
    """An ingest has no final state, or not the one that it should have."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds from the fault; `affected` is 0 where the fault hit nothing."""

    affected: float
    new: float


@dataclass(frozen=True, slots=True)
class Bench:
    """The running stack, and the means to hurt it."""

    http: httpx.AsyncClient
    large: bytes

    async def kill_children(self) -> tuple[float, list[str]]:
        """Kill all children of the worker in mid-task."""
        large = await self._in_processing()
        return _kill(*children(_worker())), [large]

    async def kill_worker(self) -> tuple[float, list[str]]:
        """Kill the worker, with its children, in mid-task."""
        large = await self._in_processing()
        return _kill(_worker(), *children(_worker())), [large]

    async def kill_redis(self) -> tuple[float, list[str]]:
        """Kill Redis right after a burst of uploads."""
        burst = await self._burst()
        return _kill(redis()[0]), burst

    async def flush(self) -> tuple[float, list[str]]:
        """Empty Redis in the middle of a burst of uploads."""
        sending = asyncio.create_task(self._burst())
        await asyncio.sleep(0.05)
        async with Redis(port=redis()[1]) as client:
            while not sending.done():
                await client.flushall()
        return time.time(), await sending

    async def send(self, content: bytes) -> str:
        """Upload a file; return its id."""
        answer = await self.http.post("/ingest", params={"filename": "file.txt"}, content=content)
        return str(answer.raise_for_status().json()["id"])

    async def ended_at(self, ingest_id: str) -> float:
        """Wait for the final state; return when the history says that it came. Raise NotRecovered."""
        until = time.monotonic() + PATIENCE_SECONDS
        while (receipt := await self._receipt(ingest_id))["state"] not in FINAL:
            if time.monotonic() > until:
                raise NotRecovered(f"{ingest_id} is {receipt['state']} after {PATIENCE_SECONDS:g} s.")
            await asyncio.sleep(POLL_SECONDS)
        if receipt["state"] == State.FAILED:
            raise NotRecovered(f"{ingest_id} ended as failed: {receipt['verdict']}")
        return datetime.fromisoformat(receipt["history"][-1]["at"]).timestamp()

    async def _burst(self) -> list[str]:
        return list(await asyncio.gather(*(self.send(SMALL) for _ in range(BURST))))

    async def _in_processing(self) -> str:
        large = await self.send(self.large)
        while (receipt := await self._receipt(large))["state"] != State.PROCESSING:
            if receipt["state"] in FINAL:
                raise NotRecovered("The large file was processed before the fault could hit it.")
        return large

    async def _receipt(self, ingest_id: str) -> dict[str, Any]:
        receipt: dict[str, Any] = (await self.http.get(f"/ingest/{ingest_id}")).raise_for_status().json()
        return receipt


Fault = Callable[[Bench], Awaitable[tuple[float, list[str]]]]
"""Does harm; returns when, and to which ingests."""
FAULTS: dict[str, Fault] = {
    "kill -9 of a worker's children": Bench.kill_children,
    "kill -9 of a whole worker": Bench.kill_worker,
    "kill -9 of Redis": Bench.kill_redis,
    "FLUSHALL": Bench.flush,
}


def measure(folder: Path) -> Report:
    """Measure in the folder, and report."""
    plan = plan_in(folder / "data")

    async def recover() -> Report:
        return await _measured(plan)

    return measured(plan, recover)


async def _measured(plan: Plan) -> Report:
    found: dict[str, list[Recovery]] = {name: [] for name in FAULTS}
    async with httpx.AsyncClient(base_url=f"http://{plan.address}", trust_env=False, timeout=30) as http:
        bench = Bench(http, os.urandom(LARGE_BYTES))
        for _ in range(ROUNDS):
            for name, fault in FAULTS.items():
                await asyncio.sleep(SETTLING_SECONDS + 1)  # what dies sooner is started again with a pause
                found[name].append(await _recovery(fault, bench))
    return _report(found)


async def _recovery(fault: Fault, bench: Bench) -> Recovery:
    at, hit = await fault(bench)
    new = await bench.send(SMALL)
    ends = [await bench.ended_at(ingest_id) for ingest_id in hit]
    return Recovery(max(0.0, max(ends) - at), await bench.ended_at(new) - at)


def _report(found: dict[str, list[Recovery]]) -> Report:
    rows = [
        (fault, which, *(f"{value:.2f}" for value in (median(seconds), percentile(seconds, 99))), _goal(seconds))
        for fault, recoveries in found.items()
        for which, seconds in _by_kind(recoveries).items()
    ]
    figures = {fault: _by_kind(recoveries) for fault, recoveries in found.items()}
    return Report("recovery", METHOD, ("fault", "ingests", "median s", "p99 s", "goal"), rows, figures)


def _by_kind(recoveries: list[Recovery]) -> dict[str, list[float]]:
    return {"affected": [one.affected for one in recoveries], "new": [one.new for one in recoveries]}


def _goal(seconds: list[float]) -> str:
    return verdict(percentile(seconds, 99), GOAL_SECONDS, "s, p99")


def _worker() -> int:
    return child_running("worker", "worker@%h")


def _kill(*pids: int) -> float:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return time.time()
