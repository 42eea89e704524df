"""The promises of Catalog about resumable uploads, kept by every adapter; two of it at once stand for two processes."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from shared.adapters.sql_catalog import SqlCatalog
from shared.digest import sha256_digest
from shared.errors import DuplicateIngest, NotFound, StaleState
from shared.ids import new_id
from shared.ingest import State
from shared.ports import IdempotencyKey, Listing
from shared.resumable import Resumable
from tests.contracts.conftest import SINKS
from tests.sample_ingests import LATER, NOON, SECOND, claimed, event_of, received, settled

KEY = IdempotencyKey("key-1", "fingerprint-1")


@pytest.fixture
async def other(catalog, catalog_url):
    """The catalog as another process has it; the one in memory has no other."""
    async with AsyncExitStack() as stack:
        opened = catalog_url and await stack.enter_async_context(SqlCatalog.open(catalog_url, SINKS))
        yield opened or catalog


def receiving(at=NOON, **changes):
    """Return an ingest whose bytes come in parts."""
    begun = {"state": State.RECEIVING, "size": None, "sha256": None, "received_at": None, "due_at": None}
    return received(at, **begun | changes)


def upload_of(ingest, expires_at=LATER, **changes):
    return Resumable(ingest.id, expires_at, **changes)


async def begun(catalog, expires_at=LATER, **changes):
    """Record a receiving ingest with its upload."""
    ingest = receiving()
    await catalog.record(ingest, resumable=upload_of(ingest, expires_at, **changes))
    return ingest


def complete(ingest, now=NOON):
    return ingest.moved(State.RECEIVED, now, size=5, received_at=now, due_at=now)


def over(ingest, state=State.ABORTED, now=NOON):
    return ingest.moved(state, now, completed_at=now)


async def states(catalog, ingest):
    return [move.after for move in await catalog.history(ingest.id)]


async def test_an_upload_is_read_back_as_it_was(catalog):
    ingest, parts = receiving(), (new_id(), new_id())
    upload = upload_of(
        ingest,
        NOON.replace(microsecond=123_457),
        length=2**40,
        metadata="filename d29ybGQ=,is_confidential,ключ",
        concat="final;/uploads/1 /uploads/2",
        is_part=True,
        parts=parts,
        digest=sha256_digest("ab" * 32),
    )
    await catalog.record(ingest, resumable=upload)
    assert await catalog.resumable(ingest.id) == upload
    assert await catalog.get(ingest.id) == ingest


async def test_an_upload_of_which_little_is_known_is_read_back_as_it_was(catalog):
    ingest = await begun(catalog)
    assert await catalog.resumable(ingest.id) == Resumable(ingest.id, LATER)


async def test_a_key_tells_its_ingest_to_its_own_caller(catalog, other):
    ingest = receiving()
    await catalog.record(ingest, KEY, resumable=upload_of(ingest))
    assert await other.named(ingest.principal, KEY.key) == ingest.id
    assert await other.named("another", KEY.key) is None
    assert await other.named(ingest.principal, "key-2") is None


async def test_what_came_in_one_go_has_no_upload(catalog):
    await catalog.record(ingest := received())
    for ingest_id in (ingest.id, new_id()):
        with pytest.raises(NotFound):
            await catalog.resumable(ingest_id)


async def test_an_upload_may_be_recorded_as_received_at_once(catalog):
    ingest = received(sha256=None)
    await catalog.record(ingest, resumable=upload_of(ingest, length=1024, parts=(new_id(),)))
    assert (await catalog.get(ingest.id)).sha256 is None
    assert len((await catalog.resumable(ingest.id)).parts) == 1
    assert await states(catalog, ingest) == ["receiving", "received"]


async def test_a_receiving_ingest_keeps_its_bytes_is_listed_counted_and_not_rung_for(catalog):
    ingest = await begun(catalog)
    assert await catalog.known([ingest.id]) == {ingest.id}
    assert await catalog.listing(Listing(state=State.RECEIVING)) == [ingest]
    assert (await catalog.census(NOON)).ingests[State.RECEIVING] == 1
    assert await catalog.waiting(LATER, LATER, 10) == []
    assert await catalog.kept(None, 10) == []
    assert not await catalog.note_missing(ingest.id, missing=True)


async def test_under_a_key_that_is_taken_no_upload_is_recorded(catalog):
    first, second = receiving(), receiving()
    await catalog.record(first, KEY, resumable=upload_of(first))
    with pytest.raises(DuplicateIngest):
        await catalog.record(second, KEY, resumable=upload_of(second))
    with pytest.raises(NotFound):
        await catalog.resumable(second.id)


async def test_many_at_once_in_one_go_and_in_parts_are_each_recorded(catalog):
    uploads = [receiving() for _ in range(20)]
    calls = [catalog.record(ingest, resumable=upload_of(ingest, length=n)) for n, ingest in enumerate(uploads)]
    await asyncio.gather(*calls, *(catalog.record(received()) for _ in range(20)))
    assert [(await catalog.resumable(ingest.id)).length for ingest in uploads] == list(range(20))


@pytest.mark.parametrize("state", [State.RECEIVED, State.ABORTED, State.EXPIRED])
async def test_an_upload_ends_by_a_save_and_is_remembered(catalog, state):
    ingest = await begun(catalog)
    after = complete(ingest) if state is State.RECEIVED else over(ingest, state)
    await catalog.save(ingest, after, detail="why")
    assert await catalog.get(ingest.id) == after
    assert [(move.after, move.detail) for move in await catalog.history(ingest.id)] == [
        (State.RECEIVING, None),
        (state, "why"),
    ]
    census = await catalog.census(NOON)
    assert (census.ingests[State.RECEIVING], census.ingests[state]) == (0, 1)
    assert await catalog.resumable(ingest.id) == upload_of(ingest)


async def test_a_complete_upload_is_rung_for_and_goes_its_way_to_the_end(catalog):
    ingest = await begun(catalog)
    await catalog.save(ingest, complete(ingest))
    (due,) = await catalog.waiting(NOON, LATER, 10)
    await catalog.save(due, held := claimed(due))
    end = replace(settled(held), sha256="ab" * 32)
    event = await catalog.save(held, end, event_of(end))
    assert event.data.file.sha256 == "ab" * 32
    assert await catalog.get(ingest.id) == end
    assert (await catalog.census(NOON)).ingests[State.RECEIVING] == 0


async def test_a_received_ingest_without_a_time_is_refused_also_where_it_came_in_parts(catalog):
    ingest = await begun(catalog)
    with pytest.raises(Exception, match="due"):
        await catalog.save(ingest, ingest.moved(State.RECEIVED, NOON))


async def test_of_many_processes_that_end_an_upload_at_once_one_wins(catalog, other):
    for _ in range(5):
        ingest = await begun(catalog)
        ends = [complete(ingest), over(ingest), over(ingest, State.EXPIRED), complete(ingest, LATER)]
        calls = [each.save(ingest, end) for end in ends for each in (catalog, other)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert answers.count(None) == 1
        assert [type(answer) for answer in answers].count(StaleState) == 7
        assert await catalog.get(ingest.id) == ends[answers.index(None) // 2]
        assert len(await states(catalog, ingest)) == 2


async def test_a_length_is_declared_once_and_may_be_repeated(catalog):
    ingest = await begun(catalog)
    for _ in range(2):
        await catalog.declare_length(ingest.id, 7)
    for another in (8, 0):
        with pytest.raises(StaleState):
            await catalog.declare_length(ingest.id, another)
    assert await catalog.resumable(ingest.id) == upload_of(ingest, length=7)


async def test_a_length_that_was_known_from_the_start_stays(catalog):
    ingest = await begun(catalog, length=0)
    await catalog.declare_length(ingest.id, 0)
    with pytest.raises(StaleState):
        await catalog.declare_length(ingest.id, 1)


async def test_no_length_is_declared_of_what_is_over_or_unknown(catalog):
    ingest = await begun(catalog)
    await catalog.save(ingest, over(ingest))
    for ingest_id in (ingest.id, new_id()):
        with pytest.raises(StaleState):
            await catalog.declare_length(ingest_id, 7)
    assert (await catalog.resumable(ingest.id)).length is None


async def test_of_many_that_declare_other_lengths_at_once_one_wins(catalog, other):
    ingest = await begun(catalog)
    calls = [each.declare_length(ingest.id, length) for length in range(1, 5) for each in (catalog, other)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    length = (await catalog.resumable(ingest.id)).length
    lengths = [length for length in range(1, 5) for _ in range(2)]
    assert [answer is None for answer in answers] == [each == length for each in lengths]
    assert {type(answer) for answer in answers} == {type(None), StaleState}


async def test_uploads_are_put_off_and_brought_forward_together(catalog):
    ingests = [await begun(catalog) for _ in range(3)]
    for until in (LATER + SECOND, NOON):
        await catalog.prolong([ingest.id for ingest in ingests[:2]], until)
        found = [(await catalog.resumable(ingest.id)).expires_at for ingest in ingests]
        assert found == [until, until, LATER]


async def test_nothing_is_prolonged_where_there_is_nothing(catalog):
    await catalog.prolong([], LATER)
    await catalog.prolong([new_id()], LATER)
    with pytest.raises(NotFound):
        await catalog.resumable(new_id())


async def test_what_nobody_came_back_for_expires_oldest_first_and_limited(catalog):
    ingests = [await begun(catalog, NOON + n * SECOND) for n in (2, 0, 1, 3)]
    oldest = [ingests[number] for number in (1, 2, 0)]
    assert await catalog.expire_uploads(NOON - SECOND, 10) == []
    first = await catalog.expire_uploads(NOON + 2 * SECOND, 2)
    assert sorted(upload.ingest_id for upload in first) == sorted(ingest.id for ingest in oldest[:2])
    assert await catalog.expire_uploads(NOON + 2 * SECOND, 2) == [upload_of(oldest[2], NOON + 2 * SECOND)]
    assert await catalog.expire_uploads(NOON + 2 * SECOND, 2) == []
    assert await catalog.get(oldest[0].id) == over(oldest[0], State.EXPIRED, NOON + 2 * SECOND)
    assert await states(catalog, oldest[0]) == ["receiving", "expired"]
    assert await catalog.known([ingest.id for ingest in ingests]) == {ingests[3].id}
    census = await catalog.census(NOON)
    assert (census.ingests[State.RECEIVING], census.ingests[State.EXPIRED]) == (1, 3)


async def test_what_was_prolonged_or_is_over_does_not_expire(catalog):
    prolonged, ended, aborted = [await begun(catalog, NOON) for _ in range(3)]
    await catalog.prolong([prolonged.id], LATER)
    await catalog.save(ended, complete(ended))
    await catalog.save(aborted, over(aborted))
    assert await catalog.expire_uploads(NOON, 10) == []
    assert await catalog.get(prolonged.id) == prolonged


async def test_an_upload_that_expired_can_be_ended_no_more_and_its_row_is_the_last_word(catalog):
    ingest = await begun(catalog, NOON)
    await catalog.expire_uploads(NOON, 10)
    await catalog.prolong([ingest.id], LATER)
    for end in (complete(ingest), over(ingest)):
        with pytest.raises(StaleState):
            await catalog.save(ingest, end)
    assert (await catalog.get(ingest.id)).state is State.EXPIRED


async def test_of_an_expiry_and_an_end_at_once_one_happens(catalog, other):
    for _ in range(10):
        ingest = await begun(catalog, NOON)
        saving = catalog.save(ingest, complete(ingest))
        saved, expired = await asyncio.gather(saving, other.expire_uploads(NOON, 10), return_exceptions=True)
        state = (await catalog.get(ingest.id)).state
        if expired:
            assert isinstance(saved, StaleState)
            assert state is State.EXPIRED
        else:
            assert saved is None
            assert state is State.RECEIVED
        assert await states(catalog, ingest) == ["receiving", state]


async def test_two_sweepers_at_once_expire_different_ones(catalog, other):
    ingests = [await begun(catalog, NOON) for _ in range(12)]
    found = await asyncio.gather(*(each.expire_uploads(NOON, 5) for each in (catalog, other, catalog, other)))
    rest = await catalog.expire_uploads(NOON, 12)
    ids = [upload.ingest_id for some in (*found, rest) for upload in some]
    assert sorted(ids) == sorted(ingest.id for ingest in ingests)
    assert (await catalog.census(NOON)).ingests[State.EXPIRED] == 12
    for ingest in ingests:
        assert await states(catalog, ingest) == ["receiving", "expired"]


async def test_uploads_that_are_over_are_forgotten_in_time_and_their_ingests_stay(catalog):
    ended, lasting, open_ = await begun(catalog, NOON), await begun(catalog, LATER), await begun(catalog, NOON)
    for ingest in (ended, lasting):
        await catalog.save(ingest, complete(ingest))
    assert await catalog.forget_uploads(NOON, 10) == 1
    assert await catalog.forget_uploads(NOON, 10) == 0
    with pytest.raises(NotFound):
        await catalog.resumable(ended.id)
    assert (await catalog.get(ended.id)).state is State.RECEIVED
    for ingest in (lasting, open_):
        assert await catalog.resumable(ingest.id)


async def test_what_expired_is_forgotten_too_and_no_more_at_once_than_was_asked_for(catalog):
    for _ in range(5):
        await begun(catalog, NOON)
    await catalog.expire_uploads(NOON, 10)
    assert [await catalog.forget_uploads(NOON, 2) for _ in range(4)] == [2, 2, 1, 0]


async def test_two_sweepers_at_once_forget_each_once(catalog, other):
    for _ in range(12):
        await begun(catalog, NOON)
    await catalog.expire_uploads(NOON, 12)
    forgotten = await asyncio.gather(*(each.forget_uploads(NOON, 5) for each in (catalog, other, catalog, other)))
    assert sum(forgotten) + await catalog.forget_uploads(NOON, 12) == 12
