"""Unfinished objects on a disk that several processes write to, and that are killed, really, in the middle of it."""

import asyncio
import select
import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from shared.adapters.disk_store import DiskStore
from shared.digest import Hasher
from shared.errors import NotFound, UploadBusy
from shared.ids import new_id
from tests.contracts.appending import Bounds, content

ROOT = Path(__file__).parents[2]
SECONDS = 30


@pytest.fixture
def store(tmp_path):
    disk = DiskStore(tmp_path)
    disk.open()
    with closing(disk):
        yield disk


@pytest.fixture
async def ingest_id(store):
    appender = await store.begin(begun := new_id(), length=None)
    await appender.release()
    return begun


class Other:
    """Another process, which tells what it does."""

    def __init__(self, process):
        self.process = process

    def says(self):
        """Return its next line, as a word and a number if there is one."""
        word, *number = self.line().split()
        return (word, int(*number)) if number else word

    def line(self):
        ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
        assert ready, "it says nothing"
        return self.process.stdout.readline().decode()

    async def tells(self):
        return await asyncio.to_thread(self.says)

    def kill(self):
        """Kill it; return all that it still said, but for what was cut off."""
        self.process.kill()
        *lines, _cut_off = self.process.stdout.read().decode().split("\n")
        self.process.wait()
        return [(word, int(number)) for word, number in map(str.split, lines)]


@contextmanager
def another(way, store, ingest_id):
    command = [sys.executable, "-m", "tests.contracts.appending", way, store.places.incoming.parent, ingest_id]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, bufsize=0) as process:
        try:
            yield Other(process)
        finally:
            process.kill()


async def resumed(store, ingest_id, patience=SECONDS, **how):
    return await store.resume(ingest_id, Hasher(), patience=patience, **how)


async def read_kept(appender):
    return b"".join([piece async for piece in appender.read(0, 1 << 40)])


async def test_the_holder_in_another_process_is_told_and_lets_go(store, ingest_id):
    with another("wait", store, ingest_id) as holder:
        assert await holder.tells() == ("held", 0)
        appender = await resumed(store, ingest_id)
        assert await holder.tells() == ("kept", 1000)
        assert appender.offset == 1000
        assert await read_kept(appender) == content(0, 1000)
        await appender.release()
    assert list(store.places.wanted.iterdir()) == []


async def test_one_in_another_process_gets_what_we_hold(store, ingest_id):
    appender = await resumed(store, ingest_id)
    with another("ask", store, ingest_id) as other:
        assert await other.tells() == "asking"
        await asyncio.wait_for(appender.wanted.wait(), SECONDS)
        await appender.write([b"ours"])
        await appender.keep()
        await appender.release()
        assert await other.tells() == ("held", 4)
    assert list(store.places.wanted.iterdir()) == []


async def test_a_holder_that_hangs_keeps_its_object_until_it_is_killed(store, ingest_id):
    with another("wait", store, ingest_id) as holder:
        assert await holder.tells() == ("held", 0)
        holder.process.send_signal(signal.SIGSTOP)
        with pytest.raises(UploadBusy):
            await resumed(store, ingest_id, patience=0.5)
        waiting = asyncio.create_task(resumed(store, ingest_id))
        holder.kill()
        await (await waiting).release()


async def test_what_a_killed_process_wanted_disturbs_nobody_and_is_removed(store, ingest_id):
    appender = await resumed(store, ingest_id)
    with another("ask", store, ingest_id) as other:
        assert await other.tells() == "asking"
        await asyncio.wait_for(appender.wanted.wait(), SECONDS)
        other.kill()
    await appender.release()
    appender = await resumed(store, ingest_id)
    await eventually(lambda: list(store.places.wanted.iterdir()) == [])
    assert not appender.wanted.is_set()
    await appender.release()


async def test_who_waits_for_an_object_that_is_deleted_goes_away_and_leaves_nothing(store, ingest_id):
    appender = await resumed(store, ingest_id)
    waiting = asyncio.create_task(resumed(store, ingest_id))
    await asyncio.wait_for(appender.wanted.wait(), SECONDS)
    await store.delete(ingest_id)
    with pytest.raises(NotFound):
        await waiting
    await appender.release()
    for folder in (store.places.incoming, store.places.wanted, store.places.floors):
        assert list(folder.iterdir()) == []


async def eventually(is_so):
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("pause", [0.0, 0.05, 0.2, 0.3])
async def test_of_a_killed_writer_all_counts_that_reached_the_file(store, ingest_id, pause):
    with another("append", store, ingest_id) as writer:
        assert await writer.tells() == ("held", 0)
        await asyncio.sleep(pause)
        said = writer.kill()
    written = max((offset for word, offset in said), default=0)
    offset = await store.offset(ingest_id)
    assert written <= offset <= written + 100_000
    appender = await resumed(store, ingest_id)
    assert appender.offset == offset
    assert await read_kept(appender) == content(0, offset)
    await appender.write([content(offset, offset + 5000)])
    await appender.commit()
    await appender.release()
    assert b"".join([piece async for piece in store.read(ingest_id, 0, 1 << 40)]) == content(0, offset + 5000)


@pytest.mark.parametrize("pause", [0.0, 0.05, 0.2, 0.3])
async def test_of_a_killed_writer_nothing_provisional_counts_but_what_was_kept(store, ingest_id, pause):
    with another("offer", store, ingest_id) as writer:
        assert await writer.tells() == ("held", 0)
        await asyncio.sleep(pause)
        said = [("kept", 0), *writer.kill()]
    kept = [offset for word, offset in said if word == "kept"]
    offset = await store.offset(ingest_id)
    assert offset in (kept[-1], max(offset for _, offset in said))
    for provisional in (True, False):
        appender = await resumed(store, ingest_id, provisional=provisional)
        assert appender.offset == offset
        assert await read_kept(appender) == content(0, offset)
        await appender.release()


async def test_whoever_asks_is_never_told_of_bytes_that_are_taken_back(store, ingest_id, tmp_path):
    (tmp_path / "bounds").write_bytes(bytes(16))
    bounds, quick = Bounds.of(tmp_path / "bounds"), DiskStore(tmp_path, durable=False)
    asked = [0, 0, 0]

    async def poll(number):
        while writer.process.poll() is None:
            least = bounds.least()
            offset = await quick.offset(ingest_id)
            assert least <= offset <= bounds.most()
            asked[number] += 1

    with closing(quick), another("mix", store, ingest_id) as writer:
        await asyncio.gather(*map(poll, range(len(asked))))
        assert await writer.tells() == "done"
    assert all(asked)
    appender = await resumed(store, ingest_id)
    assert appender.offset == bounds.most() == bounds.least()
    await appender.release()


async def test_what_a_crash_left_beside_a_finished_object_is_removed_at_the_next_start(store, ingest_id, tmp_path):
    appender = await resumed(store, ingest_id, provisional=True)
    await appender.write([b"first"])
    store.places.part(ingest_id).rename(tmp_path / "moved")
    (store.places.floors / f"{ingest_id}.new").symlink_to("5.x")
    with closing(DiskStore(tmp_path)) as next_start:
        next_start.open()
        assert list(store.places.floors.iterdir()) == []
    await appender.release()
