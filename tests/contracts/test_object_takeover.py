"""One unfinished object and several who want to write to it: the promises of `resume`, kept by every adapter."""

import asyncio

import pytest

from shared.digest import Hasher
from shared.errors import NotFound, UploadBusy
from tests.contracts.unfinished import begun, held, read_kept

PATIENCE = 20.0
"""For what will be: a busy machine is slow."""


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


async def test_many_are_let_in_at_once_each_to_its_own(store):
    async def let_go(holder):
        await asyncio.wait_for(holder.wanted.wait(), PATIENCE)
        await holder.write([b"first"])
        await holder.release()

    ids = [await begun(store) for _ in range(50)]
    holders = [await store.resume(ingest_id, Hasher()) for ingest_id in ids]
    waiting = [store.resume(ingest_id, Hasher(), patience=PATIENCE) for ingest_id in ids]
    appenders = (await asyncio.gather(*waiting, *map(let_go, holders)))[: len(ids)]
    for appender in appenders:
        assert appender.offset == 5
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


async def test_one_who_is_cut_off_just_as_it_is_let_in_holds_nothing(store):
    ingest_id = await begun(store)
    for turns in range(30):
        async with held(store, ingest_id, patience=PATIENCE) as holder:
            waiting = await asking(store, ingest_id, holder)
        for _ in range(turns):
            await asyncio.sleep(0.0005)
        waiting.cancel()
        await asyncio.wait([waiting])
        if not waiting.cancelled():
            await waiting.result().release()
    await (await store.resume(ingest_id, Hasher(), patience=PATIENCE)).release()


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
