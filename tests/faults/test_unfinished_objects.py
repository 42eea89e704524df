"""Unfinished objects on a disk that is full, and on one whose power is cut."""

from contextlib import closing, contextmanager

import pytest

from shared.adapters.disk_store import DiskStore
from shared.digest import Hasher
from shared.errors import NotFound, StorageFull
from shared.ids import new_id
from tests.faults.disk import MIB, Disk
from tests.faults.loop_disk import LoopDisk


@contextmanager
def opened(folder, **how):
    store = DiskStore(folder / "data", **how)
    store.open()
    with closing(store):
        yield store


@pytest.fixture(params=["tmpfs", "ext4"])
def disk(request, tmp_path):
    if request.param == "tmpfs":
        with Disk.mounted(tmp_path / "disk", 64 * MIB) as mounted:
            yield mounted
        return
    with LoopDisk.made(tmp_path / "image").mounted(tmp_path / "disk") as folder:
        yield Disk(folder)


@pytest.fixture
def store(disk):
    with opened(disk.folder) as store:
        yield store


async def begun(store, length=None):
    appender = await store.begin(new_id(), length=length)
    await appender.release()
    return appender.part.name


async def append(store, ingest_id, content, *, keep=True, **how):
    appender = await store.resume(ingest_id, Hasher(), **how)
    try:
        await appender.write([content])
        if keep:
            await appender.keep()
    finally:
        await appender.release()


async def commit(store, ingest_id):
    appender = await store.resume(ingest_id, Hasher())
    await appender.commit()
    await appender.release()


async def read(store, ingest_id):
    return b"".join([piece async for piece in store.read(ingest_id, 0, 1 << 40)])


async def test_what_has_its_room_is_finished_on_a_full_disk(disk, store):
    ingest_id = await begun(store, 8 * MIB)
    disk.fill()
    with pytest.raises(StorageFull):
        await store.begin(new_id(), length=MIB)
    await append(store, ingest_id, b"a" * (4 * MIB))
    appender = await store.resume(ingest_id, Hasher(), provisional=True)
    for content in (b"wrong", b"b"):
        await appender.write([content * (4 * MIB // len(content))])
        if content == b"wrong":
            await appender.take_back()
    await appender.keep()
    await appender.release()
    await commit(store, ingest_id)
    assert await read(store, ingest_id) == b"a" * (4 * MIB) + b"b" * (4 * MIB)


async def test_what_has_no_room_waits_on_a_full_disk_and_is_finished_when_there_is_some_again(disk, store):
    ingest_id = await begun(store)
    await append(store, ingest_id, b"a" * MIB)
    disk.fill()
    for keep in (True, False):
        with pytest.raises(StorageFull):
            await append(store, ingest_id, b"b" * (4 * MIB), keep=keep)
    assert await store.offset(ingest_id) == MIB
    disk.free()
    await append(store, ingest_id, b"b" * MIB)
    await commit(store, ingest_id)
    assert await read(store, ingest_id) == b"a" * MIB + b"b" * MIB


async def test_room_that_is_kept_is_there_for_nobody_else_until_the_object_ends(store):
    free = (await store.space()).free
    for _ in range(3):
        ingest_id = await begun(store, free * 2 // 3)
        with pytest.raises(StorageFull):
            await store.create(new_id(), Hasher(), expected=free * 2 // 3)
        with pytest.raises(StorageFull):
            await store.begin(new_id(), length=free * 2 // 3)
        await store.delete(ingest_id)
    ingest_id = await begun(store, free * 2 // 3)
    await append(store, ingest_id, b"little")
    await commit(store, ingest_id)
    assert (await store.space()).free > free - MIB


KEPT, LOST = b"kept" * 25_000, b"lost" * 25_000


@pytest.mark.parametrize("durable", [True, False], ids=["synced", "without_syncs"])
async def test_a_power_cut_takes_nothing_that_was_kept_and_leaves_nothing_provisional(tmp_path, durable):
    disk = LoopDisk.made(tmp_path / "image")
    with disk.mounted(tmp_path / "before") as folder, opened(folder, durable=durable) as store:
        empty, plain, provisional, lifted = [await begun(store, 1_000_000) for _ in range(4)]
        await append(store, plain, KEPT)
        await append(store, provisional, KEPT, provisional=True)
        await append(store, provisional, LOST, provisional=True, keep=False)
        await append(store, lifted, LOST, provisional=True, keep=False)
        await append(store, lifted, KEPT)
        asked = await store.offset(provisional)
        assert asked == len(KEPT)
        left = disk.as_a_power_cut_leaves_it(tmp_path / "left")
    with left.mounted(tmp_path / "after") as folder, opened(folder) as store:
        if not durable:
            with pytest.raises(NotFound):
                await store.offset(plain)
            return
        assert store.places.part(provisional).stat().st_size > len(KEPT)
        assert await store.offset(empty) == 0
        for ingest_id in (plain, provisional, lifted):
            assert await store.offset(ingest_id) == len(KEPT)
            await commit(store, ingest_id)
            assert await read(store, ingest_id) == KEPT
