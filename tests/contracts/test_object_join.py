"""Objects that are joined of unfinished ones, by every adapter of ObjectStore."""

import random

import pytest

from shared.errors import NotFound
from shared.ids import new_id
from tests.contracts.unfinished import begun, held, named, read

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
