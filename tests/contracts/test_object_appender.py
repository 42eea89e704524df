"""The promises of ObjectAppender, and of the store's `begin`, `resume`, `offset` and `join`, kept by every adapter."""

import asyncio
import hashlib
import random
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters.disk_store import DiskStore
from shared.adapters.memory_store import MemoryStore
from shared.digest import Hasher
from shared.errors import NotFound, UploadBusy
from shared.ids import new_id

PATIENCE = 20.0
"""For what will be: a busy machine is slow."""
SOON = timedelta(minutes=1)


async def begun(store, content=b"", length=None):
    """Return the id of an unfinished object with that content, which nobody holds."""
    ingest_id = new_id()
    appender = await store.begin(ingest_id, length=length)
    await appender.release()
    if content:
        async with held(store, ingest_id) as appender:
            await appender.write([content])
            await appender.keep()
    return ingest_id


@asynccontextmanager
async def held(store, ingest_id, hasher=None, **how):
    appender = await store.resume(ingest_id, hasher or Hasher(), **how)
    try:
        yield appender
    finally:
        await appender.release()


async def commit(store, ingest_id):
    async with held(store, ingest_id) as appender:
        await appender.commit()


async def read(store, ingest_id):
    return b"".join([piece async for piece in store.read(ingest_id, 0, 1 << 40)])


async def read_kept(appender, start=0, stop=1 << 40):
    return b"".join([piece async for piece in appender.read(start, stop)])


async def named(names, before=None):
    return [ingest_id async for ingest_id in names(before or datetime.now(UTC) + SOON)]


async def test_an_object_that_was_begun_is_there_with_nothing_in_it(store):
    ingest_id = await begun(store, length=1000)
    assert await store.offset(ingest_id) == 0
    async with held(store, ingest_id) as appender:
        assert appender.offset == 0
        assert not appender.wanted.is_set()
        assert await read_kept(appender) == b""


async def test_an_object_is_written_further_and_further_and_read_once_it_is_finished(store):
    ingest_id, hasher = await begun(store), Hasher()
    for number, piece in enumerate((b"first ", b"second ", b"third")):
        async with held(store, ingest_id, hasher) as appender:
            assert appender.offset == hasher.size
            await appender.write([piece[:3], b"", piece[3:]])
            assert await appender.keep() == appender.offset == hasher.size
        assert await store.offset(ingest_id) == hasher.size
        with pytest.raises(NotFound):
            await store.size(ingest_id)
        assert (await store.missing([ingest_id])) == {ingest_id}, number
    await commit(store, ingest_id)
    assert await read(store, ingest_id) == b"first second third"
    assert hasher.sha256 == hashlib.sha256(b"first second third").hexdigest()


async def test_what_is_written_to_one_that_was_just_begun_counts(store):
    ingest_id = new_id()
    appender = await store.begin(ingest_id, length=5)
    await appender.write([b"first"])
    assert await appender.keep() == 5
    await appender.commit()
    await appender.release()
    assert await read(store, ingest_id) == b"first"


async def test_an_object_is_finished_with_what_was_not_kept_yet(store):
    for provisional in (False, True):
        ingest_id = await begun(store, b"first ")
        async with held(store, ingest_id, provisional=provisional) as appender:
            await appender.write([b"second"])
            await appender.commit()
        assert await read(store, ingest_id) == b"first second"


async def test_an_empty_object_can_be_finished(store):
    ingest_id = await begun(store)
    await commit(store, ingest_id)
    assert await store.size(ingest_id) == 0


async def test_a_finished_object_is_no_longer_unfinished(store):
    ingest_id = await begun(store, b"whole")
    await commit(store, ingest_id)
    await refuses_to_go_on(store, ingest_id)
    assert await named(store.unfinished) == []
    assert await named(store.finished) == [ingest_id]


async def refuses_to_go_on(store, ingest_id):
    with pytest.raises(NotFound):
        await store.offset(ingest_id)
    with pytest.raises(NotFound):
        await store.resume(ingest_id, Hasher())
    with pytest.raises(NotFound):
        await store.join(new_id(), [ingest_id])


async def test_what_was_never_begun_or_was_deleted_is_not_found(store):
    ingest_id = await begun(store, b"first")
    await store.delete(ingest_id)
    await store.delete(ingest_id)
    await refuses_to_go_on(store, ingest_id)
    await refuses_to_go_on(store, new_id())


async def test_what_was_written_counts_though_nobody_kept_it(store):
    ingest_id = await begun(store, b"first ")
    async with held(store, ingest_id) as appender:
        await appender.write([b"second"])
        assert appender.offset == 6
    assert await store.offset(ingest_id) == 12
    async with held(store, ingest_id) as appender:
        assert appender.offset == 12
        assert await read_kept(appender) == b"first second"


async def test_what_is_provisional_counts_once_it_is_kept(store):
    ingest_id = await begun(store, b"first ")
    async with held(store, ingest_id, provisional=True) as appender:
        for offset in (12, 18):
            await appender.write([b"sec"])
            await appender.write([b"ond"])
            assert await store.offset(ingest_id) == appender.offset == offset - 6
            assert await read_kept(appender) == b"first secondsecond"[: offset - 6]
            assert await appender.keep() == offset
            assert await store.offset(ingest_id) == offset
    async with held(store, ingest_id) as appender:
        assert await read_kept(appender) == b"first secondsecond"


async def test_what_was_provisional_and_never_kept_does_not_count(store):
    ingest_id = await begun(store, b"first ")
    for provisional in (True, False):
        async with held(store, ingest_id, provisional=True) as appender:
            await appender.write([b"never kept"])
        assert await store.offset(ingest_id) == 6
        async with held(store, ingest_id, provisional=provisional) as appender:
            assert appender.offset == 6
            assert await read_kept(appender) == b"first "
    async with held(store, ingest_id) as appender:
        await appender.write([b"second"])
    assert await store.offset(ingest_id) == 12
    await commit(store, ingest_id)
    assert await read(store, ingest_id) == b"first second"


async def test_what_is_taken_back_is_gone_and_other_bytes_take_its_place(store):
    for provisional in (True, False):
        ingest_id = await begun(store, b"first ")
        async with held(store, ingest_id, provisional=provisional) as appender:
            await appender.take_back()
            await appender.write([b"something else, and longer"])
            await appender.take_back()
            assert appender.offset == await store.offset(ingest_id) == 6
            await appender.write([b"second"])
            assert await appender.keep() == 12
            await appender.take_back()
        await commit(store, ingest_id)
        assert await read(store, ingest_id) == b"first second"


async def test_keeping_nothing_keeps_what_there_is(store):
    ingest_id = await begun(store, b"first")
    for provisional in (True, False):
        async with held(store, ingest_id, provisional=provisional) as appender:
            assert [await appender.keep(), await appender.keep()] == [5, 5]


async def test_what_is_kept_is_read_in_ranges_and_in_pieces_of_at_most_a_mebibyte(store):
    content = random.Random(1).randbytes((5 << 19) + 3)
    ingest_id = await begun(store, content)
    async with held(store, ingest_id) as appender:
        pieces = [piece async for piece in appender.read(0, 1 << 40)]
        assert b"".join(pieces) == content
        assert max(map(len, pieces)) <= 1 << 20
        assert await read_kept(appender, 7, 1_500_000) == content[7:1_500_000]
        assert await read_kept(appender, 7, 7) == await read_kept(appender, len(content)) == b""
        await appender.write([b"not kept"])
        assert await read_kept(appender, len(content) - 1) == content[-1:]


async def test_an_object_that_is_held_or_new_is_not_named_as_unfinished_or_abandoned(store):
    waiting, working = await begun(store, b"x"), await begun(store, b"x")
    async with held(store, working):
        for names in (store.unfinished, store.abandoned):
            assert working not in await named(names)
            assert await named(names, datetime.now(UTC) - SOON) == []
        assert await named(store.unfinished) == [waiting]
    assert sorted(await named(store.unfinished)) == sorted([waiting, working])


async def test_a_finished_object_is_claimed_until_it_is_released(store):
    ingest_id = await begun(store, b"whole")
    async with held(store, ingest_id) as appender:
        await appender.commit()
        assert await named(store.abandoned) == []
    assert await named(store.abandoned) == [ingest_id]


async def test_discarding_leaves_no_trace_before_and_after_the_commit_and_twice(store):
    for finish in (False, True):
        ingest_id = await begun(store, b"first")
        appender = await store.resume(ingest_id, Hasher(), provisional=True)
        await appender.write([b"second"])
        if finish:
            await appender.commit()
        await appender.discard()
        await appender.discard()
        await refuses_to_go_on(store, ingest_id)
        with pytest.raises(NotFound):
            await store.size(ingest_id)
        assert await named(store.unfinished) == await named(store.abandoned) == []


async def test_who_has_released_an_object_cannot_discard_it_any_more(store):
    ingest_id = await begun(store, b"first")
    appender = await store.resume(ingest_id, Hasher())
    await appender.release()
    await appender.release()
    async with held(store, ingest_id):
        await appender.discard()
        with pytest.raises(UploadBusy):
            await store.resume(ingest_id, Hasher(), patience=0)
    assert await store.offset(ingest_id) == 5


async def test_an_object_that_is_deleted_while_it_is_held_cannot_be_committed(store):
    ingest_id = await begun(store, b"first")
    async with held(store, ingest_id) as appender:
        await store.delete(ingest_id)
        await appender.write([b"second"])
        with pytest.raises(NotFound):
            await appender.commit()
    await refuses_to_go_on(store, ingest_id)
    with pytest.raises(NotFound):
        await store.size(ingest_id)


async def asking(store, ingest_id, holder, patience=PATIENCE):
    """Return the task of one who waits, once the holder knows."""
    task = asyncio.create_task(store.resume(ingest_id, Hasher(), patience=patience))
    await asyncio.wait_for(holder.wanted.wait(), PATIENCE)
    return task


async def test_the_holder_is_told_that_another_wants_the_object_who_gets_it_with_all_that_was_kept(store):
    ingest_id, other = await begun(store, b"first "), await begun(store)
    async with held(store, other) as bystander:
        async with held(store, ingest_id) as holder:
            waiting = await asking(store, ingest_id, holder)
            assert not waiting.done()
            await holder.write([b"second"])
            await holder.keep()
        appender = await waiting
        assert appender.offset == 12
        assert not appender.wanted.is_set()
        assert not bystander.wanted.is_set()
        await appender.release()


async def test_who_is_not_let_in_in_time_goes_away_and_leaves_nothing(store):
    ingest_id = await begun(store)
    async with held(store, ingest_id) as holder:
        for patience in (0, 0.05):
            with pytest.raises(UploadBusy):
                await store.resume(ingest_id, Hasher(), patience=patience)
        waiting = await asking(store, ingest_id, holder)
        waiting.cancel()
        await asyncio.wait([waiting])
        await holder.write([b"first"])
    async with held(store, ingest_id, patience=0) as holder:
        await told_nothing(store, holder)


async def told_nothing(store, holder):
    """Fail where the holder is told, though nobody wants its object: another's holder is told meanwhile."""
    other = await begun(store)
    async with held(store, other) as witness:
        waiting = await asking(store, other, witness)
        assert not holder.wanted.is_set()
    await (await waiting).release()


async def test_of_several_who_wait_the_newest_gets_it_and_the_others_are_told_at_once(store):
    ingest_id = await begun(store)
    async with held(store, ingest_id) as holder:
        first = await asking(store, ingest_id, holder)
        second = asyncio.create_task(store.resume(ingest_id, Hasher(), patience=PATIENCE))
        with pytest.raises(UploadBusy):
            await asyncio.wait_for(first, PATIENCE / 2)
        assert not second.done()
    await (await second).release()


async def test_one_who_waits_for_an_object_that_is_finished_or_discarded_meanwhile_does_not_find_it(store):
    for end in ("commit", "discard"):
        ingest_id = await begun(store, b"first")
        async with held(store, ingest_id) as holder:
            waiting = await asking(store, ingest_id, holder)
            await getattr(holder, end)()
        with pytest.raises(NotFound):
            await waiting


async def test_an_object_that_is_just_being_finished_is_not_found_before_who_did_it_has_released_it(store):
    ingest_id = await begun(store, b"first")
    async with held(store, ingest_id) as holder:
        await holder.commit()
        with pytest.raises(UploadBusy):
            await store.resume(ingest_id, Hasher(), patience=0)
        asked = asyncio.create_task(store.offset(ingest_id))
        assert (await asyncio.wait([asked], timeout=0.1))[0] == set()
    with pytest.raises(NotFound):
        await asked


async def test_many_who_come_at_once_have_it_one_after_the_other(store):
    ingest_id, inside = await begun(store), 0

    async def append(number):
        nonlocal inside
        async with held(store, ingest_id, patience=PATIENCE) as appender:
            inside += 1
            assert inside == 1
            await appender.write([bytes([number])])
            await appender.keep()
            inside -= 1

    ways = await asyncio.gather(*(append(number) for number in range(20)), return_exceptions=True)
    assert {type(way) for way in ways} <= {type(None), UploadBusy}
    async with held(store, ingest_id) as appender:
        content = await read_kept(appender)
    assert sorted(content) == sorted(number for number, way in enumerate(ways) if way is None)
    assert content


SIZES = (1, 0, 4096, 12_345, 1 << 20, (1 << 20) + 1, 8192)


async def test_an_object_is_joined_of_parts_which_stay_as_they_are(store):
    chance = random.Random(2)
    contents = [chance.randbytes(size) for size in SIZES]
    parts = [await begun(store, content) for content in contents]
    for order in ((0,), (1,), (2, 3), (4, 4, 2), range(len(parts)), (*reversed(range(len(parts))),)):
        ingest_id = new_id()
        writer = await store.join(ingest_id, [parts[number] for number in order])
        with pytest.raises(NotFound):
            await store.size(ingest_id)
        await writer.commit()
        await writer.release()
        assert await read(store, ingest_id) == b"".join(contents[number] for number in order)
    assert [await store.offset(part) for part in parts] == list(SIZES)


async def test_many_parts_are_joined(store):
    contents = [random.Random(number).randbytes(number * 7) for number in range(100)]
    writer = await store.join(ingest_id := new_id(), [await begun(store, content) for content in contents])
    await writer.commit()
    await writer.release()
    assert await read(store, ingest_id) == b"".join(contents)


async def test_of_no_parts_an_empty_object_is_joined(store):
    writer = await store.join(ingest_id := new_id(), [])
    await writer.commit()
    await writer.release()
    assert await store.size(ingest_id) == 0


async def test_of_a_part_only_what_counts_is_joined(store):
    part = await begun(store, b"first ")
    async with held(store, part, provisional=True) as appender:
        await appender.write([b"provisional"])
        writer = await store.join(ingest_id := new_id(), [part, part])
    await writer.commit()
    await writer.release()
    assert await read(store, ingest_id) == b"first first "


async def test_where_a_part_is_missing_nothing_is_joined_and_nothing_is_left(store):
    part = await begun(store, b"first")
    with pytest.raises(NotFound):
        await store.join(new_id(), [part, new_id()])
    assert await named(store.unfinished) == [part]


async def test_what_was_joined_can_be_discarded(store):
    part = await begun(store, b"first")
    writer = await store.join(ingest_id := new_id(), [part])
    await writer.discard()
    with pytest.raises(NotFound):
        await store.size(ingest_id)
    assert await named(store.unfinished) == [part]


STEPS = st.one_of(
    st.tuples(st.just("write"), st.lists(st.binary(max_size=3000), max_size=5)),
    st.tuples(st.sampled_from(["keep", "take_back"])),
    st.tuples(st.just("again"), st.booleans()),
)


@settings(deadline=None, max_examples=60)
@given(kind=st.sampled_from(["memory", "disk"]), steps=st.lists(STEPS, max_size=15), length=st.integers(0, 20_000))
async def test_whatever_is_done_to_it_an_object_has_what_counts_and_nothing_else(kind, steps, length):
    with TemporaryDirectory() as folder, opened(kind, folder) as store:
        appender, provisional = await store.begin(ingest_id := new_id(), length=length), False
        kept, since = b"", b""
        for step, *given_with in steps:
            if step == "again":
                kept, since = kept if provisional else kept + since, b""
                await appender.release()
                (provisional,) = given_with
                appender = await store.resume(ingest_id, Hasher(), provisional=provisional)
            else:
                await getattr(appender, step)(*given_with)
            if step == "write":
                since += b"".join(*given_with)
            elif step == "keep":
                kept, since = kept + since, b""
            elif step == "take_back":
                since = b""
            assert appender.offset == len(kept)
            assert await read_kept(appender) == kept
            assert await store.offset(ingest_id) == len(kept) + (0 if provisional else len(since))
        await appender.commit()
        await appender.release()
        assert await read(store, ingest_id) == kept + since


@contextmanager
def opened(kind, folder):
    if kind == "memory":
        yield MemoryStore()
        return
    disk = DiskStore(Path(folder), durable=False)
    disk.open()
    with closing(disk):
        yield disk
