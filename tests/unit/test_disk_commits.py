"""What a disk store syncs when objects are committed at once, and what becomes of them where a sync fails."""

import asyncio
import errno
import hashlib
import os
from contextlib import closing

import pytest

from shared.adapters import disk_sync
from shared.adapters.disk_store import DiskStore
from shared.adapters.disk_sync import LITTLE_BYTES, DiskSync
from shared.adapters.disk_writer import HELD_BYTES, SMALL_BYTES
from shared.digest import Hasher
from shared.errors import NotFound, StorageFull, Unavailable
from shared.ids import new_id

CLEAN, DIRTY = 0, 1 << 40


@pytest.fixture
def syncs(monkeypatch):
    """The syncs as they are made: `file`, `folder` and `all`."""
    made = []

    def noted(name, method):
        def sync(self, *arguments):
            made.append(name)
            return method(self, *arguments)

        return sync

    for name in ("file", "folder", "all"):
        monkeypatch.setattr(DiskSync, name, noted(name, getattr(DiskSync, name)))
    return made


@pytest.fixture
def dirty(monkeypatch):
    """Say how much the machine has still to write; every file system counts as one that tells faults."""
    monkeypatch.setattr(disk_sync, "_tells_faults", lambda _root: True)

    def say(number):
        monkeypatch.setattr(disk_sync, "dirty_bytes", lambda: number)

    say(CLEAN)
    return say


@pytest.fixture
def store(tmp_path, dirty):
    disk = DiskStore(tmp_path)
    disk.open()
    with closing(disk):
        yield disk


@pytest.fixture(params=[CLEAN, DIRTY], ids=["clean", "dirty"])
def either(request, dirty):
    dirty(request.param)


async def written(store, size=4096, *, expected=None):
    """Write an object; of which nothing is expected, it is begun at once."""
    writer = await store.create(new_id(), Hasher(), expected=expected)
    await writer.write([b"x" * size])
    return writer


async def all_written(store, number, size=4096):
    writers = [await written(store, size) for _ in range(number)]
    await asyncio.to_thread(store.places.make_folder, writers[0].path.parent)
    return writers


async def committed(writers):
    return await asyncio.gather(*(writer.commit() for writer in writers), return_exceptions=True)


async def test_where_little_is_dirty_one_sync_is_for_all(store, syncs):
    writers = await all_written(store, 20)
    syncs.clear()
    assert await committed(writers) == [None] * 20
    assert syncs == ["all"]
    assert [await store.size(writer.path.name) for writer in writers] == [4096] * 20


async def test_where_much_is_dirty_each_file_is_synced_and_the_folder_once(store, syncs, dirty):
    writers = await all_written(store, 20)
    syncs.clear()
    dirty(DIRTY)
    assert await committed(writers) == [None] * 20
    assert syncs == ["file"] * 20 + ["folder"]
    assert [await store.size(writer.path.name) for writer in writers] == [4096] * 20


async def test_what_is_dirty_of_our_own_does_not_count(store, syncs, dirty):
    for number, expected in ((LITTLE_BYTES + 4096, ["all"]), (LITTLE_BYTES + 4097, ["file", "folder"])):
        (writer,) = await all_written(store, 1)
        syncs.clear()
        dirty(number)
        await writer.commit()
        assert syncs == expected


async def test_a_large_object_is_synced_by_itself_before_it_is_committed_with_others(store, syncs):
    (writer,) = await all_written(store, 1, SMALL_BYTES + 1)
    syncs.clear()
    await writer.commit()
    assert syncs == ["file", "all"]


async def test_a_file_system_that_may_hide_faults_is_never_synced_as_a_whole(tmp_path, dirty, syncs, monkeypatch):
    monkeypatch.setattr(disk_sync, "_tells_faults", lambda _root: False)
    disk = DiskStore(tmp_path)
    disk.open()
    with closing(disk):
        await committed([await written(disk)])
    assert "all" not in syncs


def failing(number):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.usefixtures("either")
async def test_the_fault_of_one_object_is_its_own(store):
    writers = await all_written(store, 5)
    writers[2].part.unlink()
    answers = await committed(writers)
    assert [type(answer) for answer in answers] == [type(None), type(None), NotFound, type(None), type(None)]
    for writer in (*writers[:2], *writers[3:]):
        assert await store.size(writer.path.name) == 4096


async def test_a_file_that_cannot_be_synced_is_not_committed_and_the_others_are(store, dirty, monkeypatch):
    dirty(DIRTY)
    writers = await all_written(store, 3)
    sync = os.fdatasync
    refuse = failing(errno.ENOSPC)
    bad = writers[1].descriptor
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: (refuse if descriptor == bad else sync)(descriptor))
    assert [type(answer) for answer in await committed(writers)] == [type(None), StorageFull, type(None)]
    with pytest.raises(NotFound):
        await store.size(writers[1].path.name)


@pytest.mark.parametrize(("much", "step"), [(CLEAN, "all"), (DIRTY, "folder")])
async def test_after_a_sync_for_all_that_failed_nothing_is_acknowledged_and_all_can_be_discarded(
    store, dirty, monkeypatch, much, step
):
    writers = await all_written(store, 3)
    dirty(much)
    with monkeypatch.context() as broken:
        broken.setattr(DiskSync, step, failing(errno.EIO))
        assert [type(answer) for answer in await committed(writers)] == [Unavailable] * 3
    for writer in writers:
        await writer.discard()
        with pytest.raises(NotFound):
            await store.size(writer.path.name)
    assert [path for path in store.places.objects.rglob("*") if path.is_file()] == []


@pytest.mark.usefixtures("either")
async def test_a_commit_that_is_cut_off_anywhere_leaves_nothing_once_it_is_discarded_and_disturbs_no_other(store):
    for turns in range(12):
        writers = await all_written(store, 4)
        commits = [asyncio.create_task(writer.commit()) for writer in writers]
        for _ in range(turns):
            await asyncio.sleep(0)
        commits[1].cancel()
        answers = await asyncio.gather(*commits, return_exceptions=True)
        assert answers[:1] + answers[2:] == [None] * 3
        await writers[1].discard()
        with pytest.raises(NotFound):
            await store.size(writers[1].path.name)
        assert list(store.places.incoming.iterdir()) == []


async def test_a_committed_object_is_claimed_until_it_is_released(store):
    writers = await all_written(store, 3)
    await committed(writers)
    assert set(store.places.unclaimed(1 << 40)) == set()
    await writers[0].release()
    assert set(store.places.unclaimed(1 << 40)) == {writers[0].path.name}


async def held(store, number):
    return [await written(store, expected=4096) for _ in range(number)]


def begun(store):
    return sorted(path.name for path in store.places.incoming.iterdir())


async def test_a_little_object_is_begun_with_its_commit(store, syncs):
    writers = await held(store, 20)
    assert begun(store) == []
    assert await committed(writers) == [None] * 20
    assert syncs[-1] == "all"
    for writer in writers:
        assert await store.size(writer.path.name) == 4096
        assert set(store.places.unclaimed(1 << 40)) == set()
        assert writer.hasher.sha256 == hashlib.sha256(b"x" * 4096).hexdigest()
    for writer in writers:
        await writer.release()
    assert len(set(store.places.unclaimed(1 << 40))) == 20


async def test_a_little_object_that_outgrows_what_was_declared_is_begun(store):
    writer = await written(store, HELD_BYTES, expected=1)
    assert begun(store) == []
    await writer.write([b"y"])
    assert begun(store) == [writer.path.name]
    await writer.commit()
    assert (store.places.finished(writer.path.name)).read_bytes() == b"x" * HELD_BYTES + b"y"


async def test_a_little_object_that_is_discarded_was_never_there_and_its_room_is_free_again(store):
    (writer,) = await held(store, 1)
    assert store._promises.promised == 4096
    await writer.discard()
    assert begun(store) == []
    assert store._promises.promised == 0


@pytest.mark.usefixtures("either")
async def test_a_little_object_that_cannot_be_begun_takes_no_other_with_it(store):
    writers = await held(store, 3)
    writers[1].part.touch()
    answers = await committed(writers)
    assert [type(answer) for answer in answers] == [type(None), Unavailable, type(None)]


@pytest.mark.usefixtures("either")
async def test_a_little_object_that_cannot_be_written_is_refused_and_can_be_discarded(store, monkeypatch):
    (writer,) = await held(store, 1)
    with monkeypatch.context() as full:
        full.setattr(os, "writev", failing(errno.ENOSPC))
        with pytest.raises(StorageFull):
            await writer.commit()
    await writer.discard()
    assert begun(store) == []
    with pytest.raises(NotFound):
        await store.size(writer.path.name)


async def test_an_hour_whose_folder_was_removed_has_it_again(store):
    (first,) = await held(store, 1)
    await first.commit()
    await store.delete(first.path.name)
    first.path.parent.rmdir()
    (second,) = await held(store, 1)
    await second.commit()
    assert await store.size(second.path.name) == 4096


def test_what_the_machine_has_still_to_write_is_a_number_of_bytes():
    assert disk_sync.dirty_bytes() % 1024 == 0


def test_a_sync_of_all_that_fails_says_why():
    with pytest.raises(OSError, match="Bad file descriptor"):
        DiskSync().all()
