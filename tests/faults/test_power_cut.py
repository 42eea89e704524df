"""A power cut takes nothing that was answered by a 2xx: neither its row nor a byte; without the syncs it would."""

import asyncio
import random
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.checker import check
from tests.faults.evidence import Row, gather, lines
from tests.faults.laws import receipts
from tests.faults.laws.index import Index, accepted
from tests.faults.loop_disk import LoopDisk
from tests.faults.perception import Log
from tests.faults.processes import send
from tests.faults.trial import Sender, Trial, eventually, started, trial
from tests.system.stack import Launched

LAWS = (
    receipts.receipts_have_an_ingest,
    receipts.receipts_tell_the_truth,
    receipts.bytes_are_those_of_the_receipt,
)
LOST = {"status": None, "receipt": None, "problem": None, "error": "the power was cut"}
CUTS, SENDERS, BETWEEN = 5, 8, 25
SIZES = (1, 4096, 30_000, 300_000)


@dataclass(frozen=True)
class Cut:
    """The disk as a power cut left it, when that was, and when the senders had logged what."""

    disk: LoopDisk
    at: float

    def known(self, log: Path) -> list[Row]:
        """Return the attempts of before; the answers of those that were under way are lost."""
        begun = [attempt for attempt in lines(log) if attempt["started"] < self.at]
        return [attempt if attempt["ended"] <= self.at else attempt | LOST for attempt in begun]

    def lost(self, log: Path, place: Path) -> list[str]:
        """Return what the disk lacks of that which was accepted."""
        with self.disk.mounted(place):
            try:
                evidence = gather(place, place / "data")
            except sqlite3.DatabaseError as error:
                return [f"all of the catalog is lost: {error}"]
        evidence.attempts = self.known(log)
        return [sentence for law in LAWS for sentence in law(Index(evidence))]

    async def next_start(self, log: Path, place: Path) -> list[str]:
        """Start the whole stack on the disk, and return what is wrong when all is quiet again."""
        with self.disk.mounted(place):
            async with trial(place, ORPHAN_SECONDS="2") as run:
                assert await run.settles()
                assert await eventually(lambda: is_tidy(run))
                evidence = await run.evidence()
        evidence.attempts = self.known(log)
        return check(evidence, presence_may_stay=True)


def is_tidy(run: Trial) -> bool:
    """Whether nothing is half written, and as many objects are there as ingests."""
    half, whole = (list(run.stack.data_dir.glob(pattern)) for pattern in ("incoming/*", "objects/*/*/*"))
    return not half and len(whole) == run.count("SELECT count(*) FROM ingests WHERE state = 'completed'")


async def test_a_power_cut_takes_nothing_that_was_accepted(tmp_path):
    cuts, log = await cut_often(tmp_path)
    assert [cut.lost(log, tmp_path / f"{number}") for number, cut in enumerate(cuts)] == [[]] * len(cuts)
    assert await cuts[CUTS - 1].next_start(log, tmp_path / "next") == []


@pytest.mark.parametrize(("mutation", "sentence"), [("no_sync", "in objects/"), ("no_catalog_sync", "the catalog")])
async def test_without_a_sync_it_takes_some(tmp_path, mutation, sentence):
    cuts, log = await cut_often(tmp_path, mutation)
    lost = cuts[-1].lost(log, tmp_path / "last")
    print(len(lost), "sentences, such as", *lost[:3], sep="\n")
    assert any(sentence in each for each in lost)


async def cut_often(folder: Path, *mutations: str) -> tuple[list[Cut], Path]:
    """Receive on a disk of its own; return its cuts, and the senders' log.

    The last cut is made at rest: no later sync has made up for one that was left out.
    """
    disk, log = LoopDisk.made(folder / "disk"), folder / "senders.jsonl"
    with disk.mounted(folder / "mounted") as place:
        async with receiving(place, *mutations) as stack:
            async with sending(log, stack.url):
                cuts = [await cut_in_between(stack, disk, log, folder / f"cut-{number}") for number in range(CUTS)]
            cuts.append(cut_off(stack, disk, folder / "cut-at-rest"))
    taken = [sum(map(accepted, cut.known(log))) for cut in cuts]
    print("accepted before each cut:", *taken)
    assert all(number >= BETWEEN for number in taken)
    return cuts, log


@asynccontextmanager
async def receiving(place: Path, *mutations: str) -> AsyncIterator[Launched]:
    """Run what takes uploads, with all that it writes on the disk."""
    stack = await started(place / "data", ("migrate", "api"), *mutations)
    try:
        yield stack
    finally:
        await asyncio.to_thread(stack.end)


@asynccontextmanager
async def sending(path: Path, url: str) -> AsyncIterator[None]:
    """Keep several senders busy; each sees its last upload to the end."""
    log, enough = Log(path), asyncio.Event()
    tasks = [asyncio.create_task(send_until(enough, Sender(url, log), number)) for number in range(SENDERS)]
    try:
        yield
    finally:
        enough.set()
        await asyncio.gather(*tasks)
        log.close()


async def send_until(enough: asyncio.Event, sender: Sender, number: int) -> None:
    chance, upload = random.Random(number), 0
    while not enough.is_set():
        upload += 1
        await sender.send(f"{number}-{upload}.bin", chance.randbytes(chance.choice(SIZES)))


async def cut_in_between(stack: Launched, disk: LoopDisk, log: Path, image: Path) -> Cut:
    """Wait for more receipts, and cut the power in the middle of what is going on."""
    before = receipts_in(log)
    assert await eventually(lambda: receipts_in(log) >= before + BETWEEN), lines(log)[-3:]
    return cut_off(stack, disk, image)


def cut_off(stack: Launched, disk: LoopDisk, image: Path) -> Cut:
    """Copy the disk as it is now."""
    with frozen(stack):
        return Cut(disk.as_a_power_cut_leaves_it(image), time.time())


def receipts_in(log: Path) -> int:
    return sum(map(accepted, lines(log)))


@contextmanager
def frozen(stack: Launched):
    """Stop all that takes uploads; no answer is read meanwhile, since the senders share this thread."""
    pids = sorted(stack.pids())
    send(signal.SIGSTOP, *pids)
    try:
        yield
    finally:
        send(signal.SIGCONT, *pids)
