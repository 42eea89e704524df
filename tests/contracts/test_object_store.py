"""The promises of ObjectStore and ObjectWriter, kept by every adapter."""

import asyncio
import errno
import hashlib
import os
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.adapters import disk_places
from shared.adapters.disk_store import DiskStore
from shared.digest import Hasher
from shared.errors import NotFound, StorageFull
from shared.ids import new_id

DATA = [b"first ", b"second", b"", b" third"]
WHOLE = b"".join(DATA)


async def stored(store, data=DATA, *, release=True):
    ingest_id, hasher = new_id(), Hasher()
    writer = await store.create(ingest_id, hasher, expected=None)
    await writer.write(data)
    await writer.commit()
    if release:
        await writer.release()
    return ingest_id, writer, hasher


async def read(store, ingest_id, start=0, stop=1 << 40):
    return b"".join([piece async for piece in store.read(ingest_id, start, stop)])


async def abandoned(store, before):
    return [ingest_id async for ingest_id in store.abandoned(before)]


def soon():
    return datetime.now(UTC) + timedelta(minutes=1)


async def test_what_was_committed_is_read_back_and_was_hashed(store):
    ingest_id, _, hasher = await stored(store)
    assert await read(store, ingest_id) == WHOLE
    assert await store.size(ingest_id) == len(WHOLE) == hasher.size
    assert hasher.sha256 == hashlib.sha256(WHOLE).hexdigest()


async def test_room_is_promised_once(store):
    most = (await store.space()).free * 2 // 3
    first = await store.create(new_id(), Hasher(), expected=most)
    with pytest.raises(StorageFull):
        await store.create(new_id(), Hasher(), expected=most)
    await first.discard()
    await first.discard()
    second = await store.create(new_id(), Hasher(), expected=most)
    await second.write(DATA)
    await second.commit()
    await second.release()
    third = await store.create(new_id(), Hasher(), expected=most)
    await third.discard()


async def test_room_is_promised_once_to_many_at_once(store):
    share = (await store.space()).free // 10
    ways = await asyncio.gather(
        *(store.create(new_id(), Hasher(), expected=share) for _ in range(30)), return_exceptions=True
    )
    writers = [each for each in ways if not isinstance(each, StorageFull)]
    assert 9 <= len(writers) <= 10
    for writer in writers:
        await writer.discard()


async def test_a_range_is_read(store):
    ingest_id, _, _ = await stored(store)
    assert await read(store, ingest_id, 3, 9) == WHOLE[3:9]
    assert await read(store, ingest_id, 5, 5) == b""


async def test_a_large_object_comes_in_pieces_of_at_most_a_mebibyte(tmp_path):
    store = DiskStore(tmp_path)
    store.open()
    with closing(store):
        ingest_id, _, _ = await stored(store, [os.urandom(1 << 20)] * 3 + [b"rest"])
        pieces = [len(piece) async for piece in store.read(ingest_id, 0, 1 << 40)]
    assert sum(pieces) == 3 * (1 << 20) + 4
    assert max(pieces) <= 1 << 20


async def test_nothing_is_readable_before_the_commit(store):
    ingest_id = new_id()
    writer = await store.create(ingest_id, Hasher(), expected=None)
    await writer.write(DATA)
    with pytest.raises(NotFound):
        await store.size(ingest_id)
    await writer.discard()


async def test_discarding_leaves_no_trace_before_and_after_the_commit_and_twice(store):
    for commit in (False, True):
        ingest_id = new_id()
        writer = await store.create(ingest_id, Hasher(), expected=None)
        await writer.write(DATA)
        if commit:
            await writer.commit()
        await writer.discard()
        await writer.discard()
        with pytest.raises(NotFound):
            await store.size(ingest_id)
        assert await abandoned(store, soon()) == []


async def test_a_local_file_is_lent(store):
    ingest_id, _, _ = await stored(store)
    async with store.local_path(ingest_id) as path:
        assert Path(path).read_bytes() == WHOLE


async def test_what_is_not_there_is_not_found(store):
    with pytest.raises(NotFound):
        await store.size(new_id())
    with pytest.raises(NotFound):
        await read(store, new_id())
    with pytest.raises(NotFound):
        async with store.local_path(new_id()):
            pytest.fail("lent a file that is not there")


async def test_deleting_removes_and_may_be_repeated(store):
    ingest_id, _, _ = await stored(store)
    await store.delete(ingest_id)
    await store.delete(ingest_id)
    with pytest.raises(NotFound):
        await store.size(ingest_id)


async def finished(store, before):
    return [ingest_id async for ingest_id in store.finished(before)]


async def test_finished_objects_are_those_that_were_committed_wherever_they_are_now(store):
    served, _, _ = await stored(store)
    away, _, _ = await stored(store)
    await store.put_away(away)
    unfinished = await store.create(new_id(), Hasher(), expected=None)
    await unfinished.write(DATA)
    assert sorted(await finished(store, soon())) == sorted([served, away])
    assert await finished(store, datetime.now(UTC) - timedelta(minutes=1)) == []
    await unfinished.discard()
    await store.delete(served)
    assert await finished(store, soon()) == [away]


async def quarantined(store):
    return [ingest_id async for ingest_id in store.in_quarantine()]


async def test_an_object_goes_into_quarantine_and_comes_back_and_can_always_be_read(store):
    ingest_id, _, _ = await stored(store)
    for move, expected in ((store.put_away, [ingest_id]), (store.bring_back, [])):
        for _ in range(2):
            await move(ingest_id)
            assert await quarantined(store) == expected
        assert await read(store, ingest_id) == WHOLE
        async with store.local_path(ingest_id) as path:
            assert path.read_bytes() == WHOLE


async def test_what_is_not_there_can_be_put_away_and_brought_back_without_effect(store):
    ingest_id = new_id()
    await store.put_away(ingest_id)
    await store.bring_back(ingest_id)
    assert await quarantined(store) == []
    with pytest.raises(NotFound):
        await store.size(ingest_id)


async def unfinished(store, before):
    return [ingest_id async for ingest_id in store.unfinished(before)]


async def test_only_what_was_never_committed_and_nobody_writes_is_unfinished(store):
    _, committed, _ = await stored(store)
    left, writing = new_id(), new_id()
    writers = [await store.create(ingest_id, Hasher(), expected=None) for ingest_id in (left, writing)]
    for writer in writers:
        await writer.write(DATA)
    await writers[0].release()
    assert await unfinished(store, datetime.now(UTC) - timedelta(minutes=1)) == []
    assert await unfinished(store, soon()) == [left]
    await store.delete(left)
    assert await unfinished(store, soon()) == []
    await writers[1].discard()
    await committed.release()


async def test_missing_are_those_that_are_in_no_place(store):
    (here, _, _), (away, _, _), nowhere = await stored(store), await stored(store), new_id()
    await store.put_away(away)
    assert await store.missing([here, away, nowhere]) == {nowhere}
    await store.delete(here)
    assert await store.missing([here, away]) == {here}
    assert await store.missing([]) == set()


async def test_an_object_in_quarantine_is_not_abandoned_and_can_be_deleted(store):
    ingest_id, _, _ = await stored(store)
    await store.put_away(ingest_id)
    assert await abandoned(store, soon()) == []
    await store.delete(ingest_id)
    assert await quarantined(store) == []
    with pytest.raises(NotFound):
        await store.size(ingest_id)


async def test_quarantine_is_for_our_eyes_alone(tmp_path):
    disk = DiskStore(tmp_path)
    disk.open()
    with closing(disk):
        ingest_id, _, _ = await stored(disk)
        await disk.put_away(ingest_id)
        async with disk.local_path(ingest_id) as path:
            assert path.is_relative_to(disk.places.quarantine)
            assert path.stat().st_mode & 0o777 == 0o600
        assert disk.places.quarantine.stat().st_mode & 0o777 == 0o700
        await disk.bring_back(ingest_id)
        assert disk.places.finished(ingest_id).stat().st_mode & 0o777 == 0o640


async def test_a_preview_is_kept_replaced_and_deleted_with_its_object(store):
    ingest_id, _, _ = await stored(store)
    for content in (b"first", b"the second"):
        await store.put_preview(ingest_id, content)
        assert await store.preview(ingest_id) == content
    assert await read(store, ingest_id) == WHOLE
    await store.delete(ingest_id)
    with pytest.raises(NotFound):
        await store.preview(ingest_id)


async def test_an_object_without_a_preview_has_none(store):
    ingest_id, _, _ = await stored(store)
    with pytest.raises(NotFound):
        await store.preview(ingest_id)


async def test_previews_put_at_once_are_each_whole(store):
    ingest_id, contents = new_id(), [bytes([n]) * 100_000 for n in range(8)]
    await asyncio.gather(*(store.put_preview(ingest_id, content) for content in contents))
    assert await store.preview(ingest_id) in contents


async def test_a_preview_without_an_object_is_abandoned_once_it_is_old(store):
    ingest_id = new_id()
    await store.put_preview(ingest_id, b"picture")
    assert await abandoned(store, datetime.now(UTC) - timedelta(minutes=1)) == []
    assert await abandoned(store, soon()) == [ingest_id]
    await store.delete(ingest_id)
    assert await abandoned(store, soon()) == []


async def test_an_object_with_a_preview_is_named_once(store):
    ingest_id, _, _ = await stored(store)
    await store.put_preview(ingest_id, b"picture")
    assert await abandoned(store, soon()) == [ingest_id]


async def test_a_preview_that_would_not_fit_is_refused(store):
    store.total = 0
    store._min_free_bytes = 1 << 60
    with pytest.raises(StorageFull):
        await store.put_preview(new_id(), b"picture")


@pytest.mark.parametrize("step", ["fdatasync", "rename"])
async def test_a_preview_that_cannot_be_written_leaves_the_one_before_and_no_part(tmp_path, monkeypatch, step):
    store = DiskStore(tmp_path)
    store.open()
    with closing(store):
        ingest_id = new_id()
        await store.put_preview(ingest_id, b"first")
        with monkeypatch.context() as full:
            full.setattr(Path if step == "rename" else os, step, _full)
            with pytest.raises(StorageFull):
                await store.put_preview(ingest_id, b"second")
        assert await store.preview(ingest_id) == b"first"
        assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [ingest_id]


def _full(*_):
    raise OSError(errno.ENOSPC, "no room")


async def test_an_object_is_abandoned_once_its_writer_is_gone_and_it_is_old(store):
    ingest_id, writer, _ = await stored(store, release=False)
    assert await abandoned(store, soon()) == []
    await writer.release()
    await writer.release()
    assert await abandoned(store, datetime.now(UTC) - timedelta(minutes=1)) == []
    assert await abandoned(store, soon()) == [ingest_id]


async def test_what_would_not_fit_is_refused_at_once(store):
    space = await store.space()
    assert 0 < space.free <= space.total
    with pytest.raises(StorageFull):
        await store.create(new_id(), Hasher(), expected=space.total + 1)


async def test_a_part_of_a_dead_process_is_abandoned(tmp_path):
    store = DiskStore(tmp_path)
    store.open()
    with closing(store):
        ingest_id = new_id()
        (tmp_path / "incoming" / ingest_id).write_bytes(b"half")
        assert await abandoned(store, soon()) == [ingest_id]
        await store.delete(ingest_id)
        assert await abandoned(store, soon()) == []


async def test_a_file_that_goes_while_the_abandoned_are_looked_for_is_no_fault(tmp_path, monkeypatch):
    store = DiskStore(tmp_path)

    def vanishing(folder):
        entries = list(os.scandir(folder))
        for entry in entries[1:]:
            Path(entry.path).unlink()
        return entries

    store.open()
    with closing(store):
        for _ in range(3):
            await stored(store)
        monkeypatch.setattr(disk_places, "os", SimpleNamespace(**vars(os) | {"scandir": vanishing}))
        assert len(await abandoned(store, soon())) == 1


async def test_room_is_kept_free(tmp_path):
    store = DiskStore(tmp_path, min_free_bytes=1 << 60)
    store.open()
    with closing(store):
        assert (await store.space()).free == 0
        with pytest.raises(StorageFull):
            await store.create(new_id(), Hasher(), expected=1)


async def test_the_uri_leads_to_the_bytes(tmp_path):
    store = DiskStore(tmp_path)
    store.open()
    with closing(store):
        ingest_id, _, _ = await stored(store)
        assert Path(urlsplit(store.uri(ingest_id)).path).read_bytes() == WHOLE


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.binary(max_size=5000), max_size=50))
async def test_any_chunking_of_a_stream_gives_the_same_digest_and_bytes(tmp_path_factory, pieces):
    store = DiskStore(tmp_path_factory.mktemp("store"))
    store.open()
    with closing(store):
        ingest_id, _, hasher = await stored(store, pieces)
        assert await read(store, ingest_id) == b"".join(pieces)
        assert hasher.sha256 == hashlib.sha256(b"".join(pieces)).hexdigest()
