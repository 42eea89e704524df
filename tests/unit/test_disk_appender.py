"""What a disk store keeps, cuts and syncs for unfinished objects, and what becomes of them where the disk fails."""

import asyncio
import errno
import os
import threading
from contextlib import closing

import pytest

from shared.adapters import disk_joining, disk_room
from shared.adapters.disk_store import DiskStore
from shared.adapters.disk_sync import DiskSync
from shared.digest import Hasher
from shared.errors import NotFound, StorageFull, Unavailable
from shared.ids import new_id

MIB = 1 << 20


@pytest.fixture
def store(tmp_path):
    disk = DiskStore(tmp_path)
    disk.open()
    with closing(disk):
        yield disk


@pytest.fixture
def syncs(monkeypatch):
    """The syncs as they are made: `file` and the names of folders."""
    made = []
    file, folder = DiskSync.file, DiskSync.folder

    def noted_file(self, descriptor):
        made.append("file")
        file(self, descriptor)

    def noted_folder(self, path):
        made.append(path.name)
        folder(self, path)

    monkeypatch.setattr(DiskSync, "file", noted_file)
    monkeypatch.setattr(DiskSync, "folder", noted_folder)
    return made


@pytest.fixture
def unable(monkeypatch):
    """A file system that cannot keep room."""
    monkeypatch.setattr(disk_room, "_libc", Unable())


class Unable:
    def fallocate(self, *_):
        disk_room.ctypes.set_errno(errno.EOPNOTSUPP)
        return -1


def failing(number):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    return fail


async def begun(store, length=None):
    appender = await store.begin(new_id(), length=length)
    await appender.release()
    return appender.part.name


async def resumed(store, ingest_id, **how):
    return await store.resume(ingest_id, Hasher(), **how)


async def test_the_name_is_durable_once_an_object_has_begun(store, syncs):
    await begun(store)
    assert syncs == ["incoming"]


async def test_names_of_objects_that_begin_at_once_share_their_syncs(store, syncs):
    await asyncio.gather(*(begun(store) for _ in range(30)))
    assert set(syncs) == {"incoming"}
    assert len(syncs) < 30


async def test_nothing_provisional_is_written_before_the_note_is_durable(store, syncs, monkeypatch):
    ingest_id = await begun(store)
    appender = await resumed(store, ingest_id, provisional=True)
    writes = os.writev
    monkeypatch.setattr(os, "writev", lambda *given: syncs.append("write") or writes(*given))
    syncs.clear()
    for _ in range(2):
        await appender.write([b"first"])
    await appender.keep()
    await appender.write([b"second"])
    assert syncs == ["floors", "write", "write", "file", "floors", "write"]
    syncs.clear()
    await appender.release()
    await (await resumed(store, ingest_id)).release()
    assert syncs == ["file", "floors"]


async def test_bytes_are_durable_before_a_name_moves(store, syncs):
    appender = await resumed(store, await begun(store))
    await appender.write([b"first"])
    await asyncio.to_thread(store.places.make_folder, appender.path.parent)
    syncs.clear()
    await appender.commit()
    assert syncs[0] == "file"
    await appender.release()


async def test_what_is_found_finished_is_durable_whoever_did_that(store, syncs):
    appender = await resumed(store, await begun(store))
    await appender.commit()
    await appender.release()
    for ask in (store.offset, lambda ingest_id: resumed(store, ingest_id)):
        syncs.clear()
        with pytest.raises(NotFound):
            await ask(appender.part.name)
        assert syncs == ["file", appender.path.parent.name]


async def test_a_note_is_gone_with_its_object(store):
    for end in ("commit", "discard", None):
        ingest_id = await begun(store)
        appender = await resumed(store, ingest_id, provisional=True)
        await appender.write([b"first"])
        assert [path.name for path in store.places.floors.iterdir()] == [ingest_id]
        if end is None:
            await store.delete(ingest_id)
        else:
            await getattr(appender, end)()
        await appender.release()
        assert list(store.places.floors.iterdir()) == []


def room(store, ingest_id):
    return store.places.part(ingest_id).stat().st_blocks * 512


async def test_room_is_kept_on_the_device_without_a_byte_in_the_file(store):
    ingest_id = await begun(store, length=5 * MIB)
    assert store.places.part(ingest_id).stat().st_size == 0
    assert 5 * MIB <= room(store, ingest_id) < 6 * MIB
    assert store._promises.promised == 0


async def test_room_is_kept_once_the_length_is_known(store):
    ingest_id = await begun(store)
    appender = await resumed(store, ingest_id)
    await appender.write([bytes(MIB)])
    for _ in range(2):
        await appender.reserve(5 * MIB)
        assert 5 * MIB <= room(store, ingest_id) < 6 * MIB
    assert await appender.keep() == MIB
    await appender.release()


@pytest.mark.parametrize("provisional", [True, False])
async def test_room_is_kept_again_after_bytes_were_taken_back(store, provisional):
    ingest_id = await begun(store, length=5 * MIB)
    appender = await resumed(store, ingest_id, provisional=provisional)
    for _ in range(3):
        await appender.write([bytes(MIB)])
        await appender.take_back()
        assert 5 * MIB <= room(store, ingest_id) < 6 * MIB
    await appender.write([bytes(MIB)])
    await appender.release()
    await (await resumed(store, ingest_id, provisional=True)).release()
    assert 5 * MIB <= room(store, ingest_id) < 6 * MIB
    assert store._promises.promised == 0


async def test_room_that_was_not_used_is_free_once_the_object_is_finished(store):
    appender = await resumed(store, await begun(store, length=5 * MIB))
    await appender.write([bytes(MIB)])
    await appender.commit()
    await appender.release()
    found = appender.path.stat()
    assert found.st_size == MIB
    assert found.st_blocks * 512 < 2 * MIB


@pytest.mark.usefixtures("unable")
async def test_where_the_device_keeps_no_room_it_is_promised_while_the_object_is_held(store):
    appender = await store.begin(new_id(), length=5 * MIB)
    assert store._promises.promised == 5 * MIB
    await appender.write([bytes(MIB)])
    assert store._promises.promised == 4 * MIB
    await appender.take_back()
    assert store._promises.promised >= 5 * MIB
    await appender.reserve(2 * MIB)
    assert store._promises.promised == 2 * MIB
    await appender.release()
    assert store._promises.promised == 0
    assert room(store, appender.part.name) == 0


async def test_what_cannot_have_its_room_is_not_begun(store, monkeypatch):
    for length, fault in ((1 << 60, None), (MIB, errno.ENOSPC), (MIB, errno.EDQUOT)):
        if fault:
            monkeypatch.setattr(disk_room, "_allocate", failing(fault))
        with pytest.raises(StorageFull):
            await store.begin(new_id(), length=length)
    assert list(store.places.incoming.iterdir()) == []
    assert store._promises.promised == 0


async def test_a_name_that_cannot_be_synced_is_not_begun(store, monkeypatch):
    monkeypatch.setattr(DiskSync, "folder", failing(errno.EIO))
    with pytest.raises(Unavailable):
        await store.begin(new_id(), length=MIB)
    assert list(store.places.incoming.iterdir()) == []


async def test_room_for_more_is_refused_before_a_byte_is_written_and_kept_room_is_not(store):
    ingest_id = await begun(store, length=MIB)
    appender = await resumed(store, ingest_id)
    store._min_free_bytes = 1 << 60
    await appender.write([bytes(MIB)])
    with pytest.raises(StorageFull):
        await appender.write([bytes(MIB)])
    with pytest.raises(StorageFull):
        await appender.reserve(2 * MIB)
    await appender.reserve(MIB)
    assert await appender.keep() == MIB
    await appender.commit()
    await appender.release()
    assert await store.size(ingest_id) == MIB


async def test_after_a_write_that_failed_what_reached_the_file_counts(store, monkeypatch):
    ingest_id, hasher, writev = await begun(store), Hasher(), os.writev
    appender = await store.resume(ingest_id, hasher)

    def cut_off(descriptor, pieces):
        if descriptor != appender.descriptor:
            return writev(descriptor, pieces)
        if len(pieces) == 1:
            raise OSError(errno.ENOSPC, "no room")
        return writev(descriptor, [pieces[0], pieces[1][:2]])

    with monkeypatch.context() as full:
        full.setattr(os, "writev", cut_off)
        with pytest.raises(StorageFull):
            await appender.write([b"first ", b"second"])
    assert await appender.keep() == len(b"first se")
    assert hasher.size != appender.offset
    await appender.write([b"cond"])
    await appender.commit()
    await appender.release()
    assert [piece async for piece in store.read(ingest_id, 0, 100)] == [b"first second"]


@pytest.mark.parametrize("provisional", [True, False])
async def test_after_a_sync_that_failed_nothing_that_it_was_for_counts(store, monkeypatch, provisional):
    ingest_id = await begun(store)
    appender = await resumed(store, ingest_id, provisional=provisional)
    await appender.write([b"first "])
    await appender.keep()
    await appender.write([b"lost"])
    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", failing(errno.EIO))
        with pytest.raises(Unavailable):
            await appender.keep()
    assert await store.offset(ingest_id) == appender.offset == 6
    await appender.write([b"second"])
    await appender.release()
    assert await store.offset(ingest_id) == (6 if provisional else 12)


async def test_after_a_note_that_could_not_be_written_nothing_provisional_counts(store, monkeypatch):
    ingest_id = await begun(store)
    appender = await resumed(store, ingest_id, provisional=True)
    for _ in range(2):
        await appender.write([b"first"])
        with monkeypatch.context() as broken:
            broken.setattr(DiskSync, "folder", failing(errno.EIO))
            with pytest.raises(Unavailable):
                await appender.keep()
        await appender.take_back()
        await appender.write([b"another"])
        await appender.release()
        assert await store.offset(ingest_id) == 0
        appender = await resumed(store, ingest_id, provisional=True)
    await appender.release()


@pytest.mark.parametrize("step", ["rename", "all", "folder"])
async def test_after_a_commit_that_failed_the_object_is_unfinished_with_all_its_bytes(store, monkeypatch, step):
    ingest_id = await begun(store)
    appender = await resumed(store, ingest_id, provisional=True)
    await appender.write([b"first"])
    with monkeypatch.context() as broken:
        if step == "rename":
            broken.setattr(store.places, "make_folder", failing(errno.EIO))
        else:
            broken.setattr(DiskSync, "is_quick", lambda *_: step == "all")
            broken.setattr(store._commits, "_sync", Failing(store._sync, step))
        with pytest.raises(Unavailable):
            await appender.commit()
    assert await store.offset(ingest_id) == 5
    await appender.commit()
    await appender.release()
    assert await store.size(ingest_id) == 5


@pytest.mark.parametrize("ask", ["offset", "resume"])
async def test_one_who_asks_in_the_middle_of_a_commit_that_fails_finds_the_object_unfinished(store, monkeypatch, ask):
    ingest_id, may_fail = await begun(store), threading.Event()
    appender = await resumed(store, ingest_id)
    await appender.write([b"first"])

    def fail_later(*_):
        may_fail.wait()
        failing(errno.EIO)()

    monkeypatch.setattr(DiskSync, "is_quick", lambda *_: True)
    monkeypatch.setattr(DiskSync, "all", fail_later)
    commit = asyncio.create_task(appender.commit())
    while not appender.path.exists():
        await asyncio.sleep(0)
    asked = asyncio.create_task(store.offset(ingest_id) if ask == "offset" else resumed(store, ingest_id))
    await asyncio.wait([asked], timeout=0.1)
    may_fail.set()
    with pytest.raises(Unavailable):
        await commit
    await appender.release()
    found = await asked
    if ask == "resume":
        await found.release()
    assert (found if ask == "offset" else found.offset) == 5


class Failing:
    """The syncs of a store, of which one fails."""

    def __init__(self, sync, step):
        self._sync = sync
        setattr(self, step, failing(errno.EIO))

    def __getattr__(self, name):
        return getattr(self._sync, name)


async def test_one_who_is_cut_off_while_coming_in_or_beginning_leaves_no_claim_and_no_part(store):
    ingest_id = await begun(store)
    there = {ingest_id}
    for turns in range(12):
        for coming in (resumed(store, ingest_id), store.begin(new_id(), length=MIB)):
            task = asyncio.create_task(coming)
            for _ in range(turns):
                await asyncio.sleep(0.0005)
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                await task.result().release()
                there.add(task.result().part.name)
        await (await resumed(store, ingest_id)).release()
    assert {path.name for path in store.places.incoming.iterdir()} == there
    assert set(store.places.unclaimed(1 << 40)) == there
    assert store._promises.promised == 0


async def test_one_who_is_cut_off_while_the_disk_is_slow_waits_for_it_and_leaves_nothing(store, monkeypatch):
    entered, may_go_on = threading.Event(), threading.Event()

    def slow(*_):
        entered.set()
        return may_go_on.wait()

    monkeypatch.setattr(disk_room, "_allocate", slow)
    beginning = asyncio.create_task(store.begin(new_id(), length=MIB))
    await asyncio.to_thread(entered.wait)
    beginning.cancel()
    ended, _ = await asyncio.wait([beginning], timeout=0.05)
    may_go_on.set()
    assert not ended
    with pytest.raises(asyncio.CancelledError):
        await beginning
    assert list(store.places.incoming.iterdir()) == []
    assert store._promises.promised == 0


async def test_what_is_no_id_is_never_named_for_removal(store):
    for name in ("lost+found", "notes.txt", f"{new_id()}.old"):
        (store.places.incoming / name).write_bytes(b"another's")
    assert set(store.places.unfinished(1 << 40)) == set(store.places.unclaimed(1 << 40)) == set()


@pytest.mark.parametrize("fault", [errno.EXDEV, errno.EOPNOTSUPP, errno.EINVAL])
async def test_where_the_kernel_cannot_share_or_copy_bytes_they_are_copied_piece_by_piece(store, monkeypatch, fault):
    monkeypatch.setattr(os, "copy_file_range", failing(fault))
    monkeypatch.setattr(disk_joining, "COPY_BYTES", 1000)
    parts = []
    for content in (b"a" * 2500, b"", b"b" * 1000):
        appender = await store.begin(new_id(), length=None)
        await appender.write([content])
        await appender.release()
        parts.append(appender.part.name)
    writer = await store.join(new_id(), parts)
    await writer.commit()
    await writer.release()
    assert writer.path.read_bytes() == b"a" * 2500 + b"b" * 1000


@pytest.mark.parametrize(("fault", "named"), [(errno.ENOSPC, StorageFull), (errno.EIO, Unavailable)])
async def test_a_join_that_fails_leaves_nothing(store, monkeypatch, fault, named):
    appender = await store.begin(new_id(), length=None)
    await appender.write([b"first"])
    await appender.release()
    monkeypatch.setattr(os, "copy_file_range", failing(fault))
    with pytest.raises(named):
        await store.join(new_id(), [appender.part.name])
    assert list(store.places.incoming.iterdir()) == [appender.part]
    assert store._promises.promised == 0


async def test_joining_is_refused_where_the_room_is_not_there(store):
    appender = await store.begin(new_id(), length=None)
    await appender.write([b"first"])
    await appender.release()
    store._min_free_bytes = 1 << 60
    with pytest.raises(StorageFull):
        await store.join(new_id(), [appender.part.name])
    assert list(store.places.incoming.iterdir()) == [appender.part]
