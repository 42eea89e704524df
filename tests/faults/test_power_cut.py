"""A power cut takes nothing that was answered by a 2xx: neither its row nor a byte; without the syncs it would."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.evidence import Row, gather, lines
from tests.faults.laws import receipts
from tests.faults.laws.index import Index, accepted
from tests.faults.loop_disk import LoopDisk
from tests.faults.perception import Log
from tests.faults.trial import Sender, eventually, signal_all, started
from tests.system.stack import Launched

LAWS = (
    receipts.receipts_have_an_ingest,
    receipts.receipts_tell_the_truth,
    receipts.bytes_are_those_of_the_receipt,
)
CUTS, SENDERS, BETWEEN = 5, 8, 25
SIZES = (1, 4096, 30_000, 300_000)


@dataclass(frozen=True)
class Cut:
    """The disk as a power cut left it, and the attempts that had been answered before."""

    disk: LoopDisk
    answered: list[Row]

    def lost(self, place: Path) -> list[str]:
        """Start from the disk, and return what is lost of that which was accepted."""
        with self.disk.mounted(place):
            evidence = gather(place, place / "data")
        evidence.attempts = self.answered
        return [sentence for law in LAWS for sentence in law(Index(evidence))]


@pytest.mark.parametrize("mutations", [pytest.param((), id="protected"), pytest.param(("no_sync",), id="no_sync")])
async def test_a_power_cut_takes_nothing_that_was_accepted(tmp_path, mutations):
    disk = LoopDisk.made(tmp_path / "disk")
    with disk.mounted(tmp_path / "mounted") as place:
        async with receiving(place, *mutations) as stack, sending(tmp_path, stack.url) as log:
            cuts = [await cut_off(stack, disk, log, tmp_path / f"cut-{number}") for number in range(CUTS)]
    lost = [cut.lost(tmp_path / f"mounted-{number}") for number, cut in enumerate(cuts)]
    print(*(f"{len(cut.answered)} accepted, {len(gone)} sentences" for cut, gone in zip(cuts, lost, strict=True)))
    assert all(len(cut.answered) >= BETWEEN * number for number, cut in enumerate(cuts, 1))
    if mutations:
        assert any("objects/" in sentence for gone in lost for sentence in gone)
    else:
        assert lost == [[]] * CUTS


@asynccontextmanager
async def receiving(place: Path, *mutations: str) -> AsyncIterator[Launched]:
    """Run what takes uploads, with all that it writes on the disk."""
    stack = await started(place / "data", ("migrate", "api"), *mutations)
    try:
        yield stack
    finally:
        await asyncio.to_thread(stack.end)


@asynccontextmanager
async def sending(folder: Path, url: str) -> AsyncIterator[Path]:
    """Keep several senders busy; lend their log."""
    log = Log(folder / "senders.jsonl")
    tasks = [asyncio.create_task(send_for_ever(Sender(url, log), number)) for number in range(SENDERS)]
    try:
        yield folder / "senders.jsonl"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        log.close()


async def send_for_ever(sender: Sender, number: int) -> None:
    chance = random.Random(number)
    upload = 0
    while True:
        upload += 1
        await sender.send(f"{number}-{upload}.bin", chance.randbytes(chance.choice(SIZES)))


async def cut_off(stack: Launched, disk: LoopDisk, log: Path, image: Path) -> Cut:
    """Wait for more receipts, and copy the disk in the middle of what is going on."""
    before = len(answered(log))
    assert await eventually(lambda: len(answered(log)) >= before + BETWEEN), lines(log)[-3:]
    with frozen(stack):
        return Cut(disk.as_a_power_cut_leaves_it(image), answered(log))


def answered(log: Path) -> list[Row]:
    return [attempt for attempt in lines(log) if accepted(attempt)]


@contextmanager
def frozen(stack: Launched):
    """Stop all that writes; nothing is read from them meanwhile, since the senders share this thread."""
    pids = sorted(stack.pids())
    signal_all(signal.SIGSTOP, pids)
    try:
        yield
    finally:
        signal_all(signal.SIGCONT, pids)
