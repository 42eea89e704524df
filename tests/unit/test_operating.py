"""What an operator may do, on a real SQLite catalog: each lever once, by two at once, and with the queue away."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared import operating
from shared.errors import Unavailable
from shared.ingest import MAX_PRIORITY, State
from shared.operating import RUNG_AT_ONCE
from shared.ports import Listing, Undelivered
from shared.ringing import RING_GRACE
from tests.sample_ingests import NOON, SECOND, finished
from tests.unit.rooms import TEXT, moves, received, state
from workers import notify, process

FEW = Listing(limit=10)


@pytest.fixture
def catalog(room):
    return room.services.catalog


@pytest.fixture
def queue(room):
    room.services.queue.rung.clear()
    return room.services.queue


async def failures(catalog, number):
    """Take ingests to their failure; return their ids, the newest first."""
    return [(await finished(catalog, State.FAILED, NOON + n * SECOND))[0].id for n in range(number)][::-1]


async def test_many_are_replayed_the_newest_first_behind_everything_fresh(room, catalog, queue):
    ids = await failures(catalog, 3)
    done = await operating.replay_many(Listing(limit=2), room.services)
    assert (done.ids, done.last) == (tuple(ids[:2]), ids[1])
    assert queue.rung == ids[:2]
    again = await catalog.get(ids[0])
    assert (again.state, again.priority, again.attempts) == (State.RECEIVED, MAX_PRIORITY, 0)
    assert again.due_at == again.updated_at + RING_GRACE
    rest = await operating.replay_many(replace(FEW, before=done.last), room.services)
    assert (rest.ids, rest.last) == ((ids[2],), None)


async def test_only_failed_ones_are_replayed_whatever_is_asked_for(room, catalog):
    ingest, _ = await finished(catalog)
    done = await operating.replay_many(replace(FEW, state=State.COMPLETED), room.services)
    assert done.ids == ()
    assert await state(room, ingest) is State.COMPLETED


async def test_two_operators_at_once_replay_each_once(room, catalog, queue):
    ids = await failures(catalog, 10)
    both = await asyncio.gather(*(operating.replay_many(FEW, room.services) for _ in range(2)))
    assert sorted(both[0].ids + both[1].ids) == sorted(ids)
    assert sorted(queue.rung) == sorted(ids)
    for ingest_id in ids:
        assert [move.after for move in await catalog.history(ingest_id)].count("received") == 2


async def test_one_that_has_moved_on_is_left_out(room, catalog, monkeypatch):
    ids = await failures(catalog, 3)
    listing = catalog.listing

    async def late(wanted):
        page = await listing(wanted)
        await operating.delete(ids[1], room.services)
        return page

    monkeypatch.setattr(catalog, "listing", late)
    done = await operating.replay_many(FEW, room.services)
    assert done.ids == (ids[0], ids[2])
    assert (await catalog.get(ids[1])).state is State.DELETED


async def test_a_dry_run_only_tells_which_they_are(room, catalog, queue):
    ids = await failures(catalog, 2)
    assert (await operating.replay_many(FEW, room.services, dry_run=True)).ids == tuple(ids)
    assert {(await catalog.get(ingest_id)).state for ingest_id in ids} == {State.FAILED}
    assert queue.rung == []


async def test_a_queue_that_is_away_is_no_error_and_asked_once(room, catalog, queue, monkeypatch):
    ids, asked = await failures(catalog, 5), []

    async def away(ingest):
        asked.append(ingest.id)
        raise Unavailable

    monkeypatch.setattr(queue, "enqueue", away)
    assert (await operating.replay_many(FEW, room.services)).ids == tuple(ids)
    assert asked == ids[:1]
    later = datetime.now(UTC) + RING_GRACE
    assert {ingest.id for ingest in await catalog.waiting(later, later, 10)} == set(ids)


async def test_of_a_crowd_only_the_first_are_rung_for_and_the_sweeper_does_the_rest(room, catalog, queue):
    number = RUNG_AT_ONCE + 5
    await failures(catalog, number)
    assert len((await operating.replay_many(Listing(limit=number), room.services)).ids) == number
    assert len(queue.rung) == RUNG_AT_ONCE
    later = datetime.now(UTC) + RING_GRACE
    assert len(await catalog.waiting(later, later, number)) == number


async def test_a_replayed_one_is_processed_to_its_end(room, catalog):
    room.cage.found = lambda: 1 / 0
    ingest = await received(room)
    for _ in range(2):
        await process.process(room, ingest.id)
    assert await state(room, ingest) is State.FAILED
    room.cage.found = TEXT
    await operating.replay(ingest.id, room.services)
    await process.process(room, ingest.id)
    assert (await moves(room, ingest))[-4:] == ["failed", "received", "processing", "completed"]


async def test_of_one_that_two_replay_at_once_one_has_the_say(room, catalog):
    (ingest_id,) = await failures(catalog, 1)
    twice = (operating.replay(ingest_id, room.services) for _ in range(2))
    outcomes = await asyncio.gather(*twice, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) in (
        ["Ingest", "StaleState"],
        ["Ingest", "NotReplayable"],
    )
    assert (await catalog.get(ingest_id)).priority == 0


async def test_redelivery_rings_for_each_event_once_and_the_sink_gets_it(room, catalog, queue):
    sink = room.services.sinks["memory:perception"]
    sink.fault = Unavailable("away")
    settings = room.services.settings.model_copy(update={"delivery_attempts": 1})
    services = replace(room.services, settings=settings)
    events = [(await finished(catalog, at=NOON + n * SECOND))[1] for n in range(3)]
    await notify.notify(services)
    assert await operating.redeliver(Undelivered(since=NOON + SECOND, limit=10), services) == 2
    assert queue.rung_notify == [event.id for event in events[1:]]
    sink.fault = None
    await notify.notify(services)
    assert [event.id for event in sink.events] == [event.id for event in events[1:]]


async def test_redelivery_needs_no_queue(room, catalog, queue):
    await finished(catalog)
    settings = room.services.settings.model_copy(update={"delivery_attempts": 1})
    services = replace(room.services, settings=settings, sinks={})
    await notify.notify(services)
    queue.away = True
    assert await operating.redeliver(Undelivered(), services) == 1
    assert await catalog.undelivered(Undelivered()) == []
