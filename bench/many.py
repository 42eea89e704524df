"""Whether many slow uploads keep their rate, and how soon a tiny request is answered meanwhile and under full load."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from bench.client import Order
from bench.contenders import RAW, TUTORIAL, Contender, Contenders, compared
from bench.latency import percentile
from bench.paced import Crowd, Times
from bench.payload import Payload, padded_clip, sparse_file
from bench.report import Report, at_least, verdict
from bench.sending import UploadFailed, program, send
from bench.wire import ACCEPTED

MB, MIB = 1_000_000, 1024**2
SENDERS = int(os.environ.get("SENDERS", "500"))
SECONDS = int(os.environ.get("SECONDS", "10"))
RATE = 1 * MB
FULL_MIB, FULL_COUNT, FULL_AT_ONCE = int(os.environ.get("SIZE_MIB", "256")), 16, 4
IDLE_SECONDS = 5.0
RATE_GOAL, MS_GOAL = 0.9, 25.0
TINY = {RAW: "/health", TUTORIAL: "/ready"}
METHOD = f"""\
One API process, no worker. A program of its own asks `GET /health` (of the tutorial app its `/ready`) every 10 ms over
one connection, while nothing else happens, while {SENDERS} uploads of {SECONDS} MB come at 1 MB/s each, and while
{FULL_COUNT} files of {FULL_MIB} MiB come {FULL_AT_ONCE} at a time as fast as they can. *Rate kept* is the share of
1 MB/s that an upload has, from its first byte to its answer, in which the sync of its file is included. Clients and
servers share the machine's cores."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured under one load: ms of each tiny request, and the rates of the slow uploads."""

    ms: list[float]
    kept: list[float]


def measure(folder: Path) -> Report:
    """Measure in the folder, and report; SENDERS=20, SECONDS=2 and SIZE_MIB=8 make it shorter."""
    slow, fast = sparse_file(folder / "slow.bin", SECONDS * RATE), padded_clip(folder / "fast.mp4", FULL_MIB * MIB)

    async def compare(contenders: Contenders) -> Report:
        loads: dict[str, Callable[[Contender], Awaitable[list[float]]]] = {
            "none": lambda _: _idle(),
            f"{SENDERS} at 1 MB/s": lambda contender: _slow(contender, slow),
            f"{FULL_AT_ONCE} at full speed": lambda contender: _full(contender, fast),
        }
        found = {load: await _under(contenders[RAW], TINY[RAW], offer) for load, offer in loads.items()}
        _, full = loads.popitem()
        peer = await _under(contenders[TUTORIAL], TINY[TUTORIAL], full)
        return _report(found, peer)

    return compared(folder / "data", TINY, compare)


async def _under(contender: Contender, path: str, offer: Callable[[Contender], Awaitable[list[float]]]) -> Found:
    async with _asked(contender.port, path) as ms:
        kept = await offer(contender)
    contender.remove_kept()
    return Found(ms, kept)


@asynccontextmanager
async def _asked(port: int, path: str) -> AsyncIterator[list[float]]:
    """Ask for the path during the context; afterwards the list holds how long each answer took."""
    ms: list[float] = []
    command = (sys.executable, "-m", "bench.probe", str(port), path)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    try:
        yield ms
    finally:
        output, _ = await process.communicate(b"")  # with nothing to say its input would stay open
    if process.returncode:
        raise UploadFailed(f"{path} was not answered.")
    ms += json.loads(output)


async def _idle() -> list[float]:
    await asyncio.sleep(IDLE_SECONDS)
    return []


async def _slow(contender: Contender, payload: Payload) -> list[float]:
    crowd = Crowd(contender.port, contender.path, str(payload.path), SENDERS, RATE)
    times = [Times(**each) for each in await program("bench.paced", asdict(crowd))]
    if {each.status for each in times} != {ACCEPTED}:
        raise UploadFailed(f"The slow uploads were answered by {sorted({each.status for each in times})}")
    return [payload.size / each.answered / RATE for each in times]


async def _full(contender: Contender, payload: Payload) -> list[float]:
    path = str(payload.path)
    await send(Order(contender.port, contender.path, path, contender.framing, FULL_COUNT, FULL_AT_ONCE), payload)
    return []


def _report(found: dict[str, Found], peer: Found) -> Report:
    rows = [_row(RAW, load, each, verdict(percentile(each.ms, 99), MS_GOAL, "ms, p99")) for load, each in found.items()]
    rows.append(_row(TUTORIAL, list(found)[-1], peer, ""))
    figures = {RAW: {load: asdict(each) for load, each in found.items()}, TUTORIAL: asdict(peer)}
    columns = ("server", "uploads", "tiny request, ms: median", "p99", "worst", "rate kept: median", "slowest", "goal")
    return Report("many", METHOD, columns, rows, figures)


def _row(name: str, load: str, found: Found, goal: str) -> tuple[str, ...]:
    ms = (f"{value:.1f}" for value in (median(found.ms), percentile(found.ms, 99), max(found.ms)))
    if not found.kept:
        return (name, load, *ms, "", "", goal)
    slowest = min(found.kept)
    goals = f"{goal}; {at_least(slowest, RATE_GOAL, 'of its rate')}"
    return (name, load, *ms, f"{median(found.kept):.2f}", f"{slowest:.2f}", goals)
