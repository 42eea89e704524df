"""The promises of Catalog about previews, kept by every adapter."""

import asyncio
from dataclasses import replace

import pytest

from shared.ids import new_id
from shared.ingest import Preview, State
from tests.sample_ingests import LATER, NOON, SECOND, claimed, event_of, received, settled


async def completed(catalog, at=NOON, preview=Preview.WANTED):
    """Take a new ingest to its end, where it wants a preview."""
    first = received(at)
    await catalog.record(first)
    second = claimed(first, at)
    await catalog.save(first, second)
    third = replace(settled(second, now=at), preview=preview)
    await catalog.save(second, third, event_of(third))
    return third


async def delete(catalog, ingest):
    gone = ingest.moved(State.DELETED, LATER, preview=None)
    await catalog.save(ingest, gone)
    return gone


async def lost(catalog, before=LATER, now=LATER, limit=10):
    return [ingest.id for ingest in await catalog.unpreviewed(before, now, limit)]


@pytest.mark.parametrize("preview", [Preview.MADE, Preview.NONE])
async def test_what_became_of_a_wanted_preview_is_noted_once(catalog, preview):
    ingest = await completed(catalog)
    assert await catalog.note_preview(ingest.id, preview) is True
    assert await catalog.note_preview(ingest.id, Preview.NONE) is False
    assert await catalog.get(ingest.id) == replace(ingest, preview=preview)


async def test_two_at_once_note_one_of_theirs(catalog):
    ingest = await completed(catalog)
    both = (Preview.MADE, Preview.NONE)
    noted = await asyncio.gather(*(catalog.note_preview(ingest.id, preview) for preview in both))
    assert sorted(noted) == [False, True]
    assert (await catalog.get(ingest.id)).preview is both[noted.index(True)]


async def test_nothing_is_noted_of_an_ingest_that_wants_none_is_deleted_or_unknown(catalog):
    plain = await completed(catalog, preview=None)
    gone = await delete(catalog, await completed(catalog))
    for ingest_id in (plain.id, gone.id, new_id()):
        assert await catalog.note_preview(ingest_id, Preview.MADE) is False
    assert await catalog.get(plain.id) == plain
    assert await catalog.get(gone.id) == gone


async def test_a_preview_noted_in_between_does_not_stop_a_deletion_and_does_not_outlive_it(catalog):
    ingest = await completed(catalog)
    await catalog.note_preview(ingest.id, Preview.MADE)
    gone = await delete(catalog, ingest)
    assert await catalog.get(ingest.id) == gone


async def test_wanted_previews_are_found_oldest_first_and_not_at_once_again(catalog):
    ingests = [await completed(catalog, NOON + n * SECOND) for n in (2, 0, 1, 3)]
    oldest = sorted(ingests, key=lambda ingest: ingest.updated_at)
    assert await catalog.unpreviewed(NOON, LATER, 10) == []
    assert await catalog.unpreviewed(NOON + 3 * SECOND, LATER, 2) == oldest[:2]
    assert await lost(catalog, NOON + 3 * SECOND) == [oldest[2].id]
    assert await lost(catalog, NOON + 3 * SECOND) == []
    assert await catalog.get(oldest[0].id) == replace(oldest[0], updated_at=LATER)
    assert len(await lost(catalog, LATER + SECOND)) == 4


async def test_what_is_noted_deleted_or_never_wanted_is_not_found(catalog):
    noted = await completed(catalog)
    await catalog.note_preview(noted.id, Preview.MADE)
    await delete(catalog, await completed(catalog))
    await completed(catalog, preview=None)
    assert await lost(catalog) == []


async def test_two_sweepers_at_once_find_different_ones(catalog):
    ingests = [await completed(catalog) for _ in range(10)]
    found = await asyncio.gather(*(lost(catalog, limit=4) for _ in range(3)))
    rest = await lost(catalog)
    ids = [ingest_id for some in (*found, rest) for ingest_id in some]
    assert sorted(ids) == sorted(ingest.id for ingest in ingests)
