"""How much memory many large uploads at once take in the API; one through the whole stack is for memory.py."""

import asyncio
import os
import shutil
from dataclasses import asdict
from pathlib import Path

from bench.contenders import RAW, Contender, Contenders, compared
from bench.paced import Crowd, Times
from bench.payload import Payload, random_file, sparse_file
from bench.peaks import Peaks, watched
from bench.procfs import child_listening
from bench.report import Report, verdict
from bench.sending import UploadFailed, program
from bench.wire import ACCEPTED
from deploy.local.terminal import say

MB, MIB = 1_000_000, 1024**2
SENDERS = int(os.environ.get("SENDERS", "64"))
SIZE_MIB = int(os.environ.get("SIZE_MIB", "1024"))
RATE = 4 * MB
SPARE_BYTES = 4 * 1024 * MIB
SETTLE_SECONDS = 3.0
SMALL_BYTES, SMALL_COUNT = 4096, 64
GOAL_MIB = 96
METHOD = f"""\
One API process, no worker. It takes {SMALL_COUNT} small files, rests, and then takes {SENDERS} files at the same time,
which come at {RATE // MB} MB/s each. Growth is the peak of its memory (VmHWM, reset before) over what it held at
rest."""


def measure(folder: Path) -> Report:
    """Measure in the folder, and report; SENDERS=8 and SIZE_MIB=16 make it shorter."""
    size = _size(folder)
    small = random_file(folder / "small.bin", SMALL_BYTES)
    large = sparse_file(folder / "large.bin", size)

    async def compare(contenders: Contenders) -> Report:
        contender = contenders[RAW]
        await contender.run(small, SMALL_COUNT, SMALL_COUNT)
        await asyncio.sleep(SETTLE_SECONDS)
        peaks = Peaks(child_listening(contender.port))
        async with watched(peaks):
            await _at_once(contender, large)
        contender.remove_kept()
        return _report(size, peaks)

    return compared(folder / "data", [RAW], compare)


def _size(folder: Path) -> int:
    """Return the size of each upload: what was asked for, or what the disk has room for, and say so."""
    room = (shutil.disk_usage(folder).free - SPARE_BYTES) // SENDERS
    wanted = SIZE_MIB * MIB
    if wanted > room:
        say(f"{SENDERS} uploads of {SIZE_MIB} MiB have no room on this disk: {max(room, 0) // MIB} MiB each instead.")
    return min(wanted, max(room, MIB))


async def _at_once(contender: Contender, payload: Payload) -> None:
    crowd = Crowd(contender.port, contender.path, str(payload.path), SENDERS, RATE)
    times = [Times(**each) for each in await program("bench.paced", asdict(crowd))]
    if {each.status for each in times} != {ACCEPTED}:
        raise UploadFailed(f"The uploads were answered by {sorted({each.status for each in times})}")


def _report(size: int, peaks: Peaks) -> Report:
    growth = sum(peaks.growth.values()) / MIB
    row = (
        f"{SENDERS} of {size // MIB} MiB",
        f"{peaks.idle / MIB:.0f}",
        f"{growth:.1f}",
        f"{growth / SENDERS:.2f}",
        verdict(growth, GOAL_MIB, "MiB"),
    )
    columns = ("uploads at once", "at rest, MiB", "growth, MiB", "for each", "goal")
    return Report("crowd", METHOD, columns, [row], {"size": size, "growth": peaks.growth})
