"""A storm from its start to its verdict: the world, the senders, the faults, the calm after them, the checker."""

import asyncio
import json
import shutil
import time
from collections.abc import Coroutine
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.faults.checker import check
from tests.faults.disk import MIB
from tests.faults.evidence import gather
from tests.faults.faults import let_loose
from tests.faults.operators import operate
from tests.faults.payloads import large, small
from tests.faults.perception import Follower, Log
from tests.faults.schedule import plan
from tests.faults.senders import Senders
from tests.faults.settling import settled
from tests.faults.table import table
from tests.faults.world import SETTLED_SECONDS, World

SMALL_SENDERS, SMALL_PAUSE = 8, 0.7
LARGE_SENDERS, LARGE_PAUSE = 2, 6.0
DISK_BYTES, DISK_BYTES_A_MINUTE = 384 * MIB, 160 * MIB


@dataclass(frozen=True)
class Storm:
    """What makes a storm the same one again."""

    seed: int
    seconds: float
    catalog: str

    @property
    def disk_bytes(self) -> int:
        """Room for all that is sent, so that only a fault fills the disk."""
        return DISK_BYTES + int(DISK_BYTES_A_MINUTE * self.seconds / 60)


@dataclass(frozen=True)
class Outcome:
    """What a storm came to."""

    table: str
    violations: list[str]
    folder: Path

    def __str__(self) -> str:
        """Return what a person wants to read."""
        return "\n".join([self.table, *self.violations, f"Logs: {self.folder}"])


async def rage(storm: Storm, folder: Path) -> Outcome:
    """Let a storm rage in an empty folder, and return what it came to. The folder keeps the logs."""
    async with World.begun(folder, storm.catalog, storm.disk_bytes) as world:
        try:
            left = await _lived_through(storm, world)
            await asyncio.to_thread(world.stack.stop)
            evidence = await asyncio.to_thread(gather, folder, world.disk.folder, world.database_url)
        finally:
            shutil.copytree(world.disk.folder / "logs", folder / "logs")  # the disk goes with the world
    (folder / "evidence.json").write_text(json.dumps(asdict(evidence)))
    violations = [*(f"{count} {what}, long after the last fault" for what, count in left.items()), *check(evidence)]
    return Outcome(table(evidence), violations, folder)


async def _lived_through(storm: Storm, world: World) -> dict[str, int]:
    """Send while the faults happen; return what is under way long after them."""
    folder, url = world.folder, world.stack.url
    senders = Senders(
        {"direct": url, "proxy": f"http://127.0.0.1:{world.api_link.port}"}, Log(folder / "senders.jsonl")
    )
    async with Follower(folder, url) as follower, asyncio.TaskGroup() as group:
        until = time.monotonic() + SETTLED_SECONDS + storm.seconds
        busy = [group.create_task(work) for work in _work(storm, senders, world, until)]
        await world.stands()
        await let_loose(plan(storm.seed, storm.seconds, storm.catalog), world, Log(folder / "faults.jsonl"))
        left = await settled(world, senders)
        if left:
            await world.ask_what_they_do()
        for task in busy:
            task.cancel()
        ((last,),) = await world.rows("SELECT coalesce(max(sequence), 0) FROM events")
        await follower.reached(last)
    return left


def _work(storm: Storm, senders: Senders, world: World, until: float) -> list[Coroutine[None, None, None]]:
    """Return all that goes on beside the faults."""
    return [
        *(senders.keep_sending(f"small{n}", small, SMALL_PAUSE, until, storm.seed) for n in range(SMALL_SENDERS)),
        *(senders.keep_sending(f"large{n}", large, LARGE_PAUSE, until, storm.seed) for n in range(LARGE_SENDERS)),
        operate(world.stack.url, senders, until, storm.seed),
    ]
