"""The promises of Catalog about events, deliveries and the census, kept by every adapter."""

import asyncio
from dataclasses import replace
from itertools import chain

from shared.events import DeliveryState
from shared.ids import new_id
from shared.ingest import State
from shared.ports import Due
from tests.contracts.conftest import SINKS
from tests.sample_ingests import LATER, NOON, SECOND, claimed, event_of, finished, received, settled


def delivered(due: Due):
    return replace(due.delivery, state=DeliveryState.DELIVERED, attempts=due.delivery.attempts + 1, delivered_at=LATER)


def dead(due: Due):
    return replace(due.delivery, state=DeliveryState.DEAD, attempts=9, last_error="refused\0 \udcff")


async def sent(catalog, number, at=NOON):
    """Take ingests their way and return their events."""
    return [(await finished(catalog, at=at))[1] for _ in range(number)]


async def test_an_event_gets_the_next_sequence_and_is_read_back_as_it_was(catalog):
    events = await sent(catalog, 3)
    assert [int(event.sequence) for event in events] == [1, 2, 3]
    assert await catalog.events(0, 10) == events


async def test_events_are_followed_by_their_sequence(catalog):
    events = await sent(catalog, 5)
    assert await catalog.events(2, 2) == events[2:4]
    assert await catalog.events(5, 10) == []


async def test_a_save_without_an_event_returns_none(catalog):
    ingest = received()
    await catalog.record(ingest)
    assert await catalog.save(ingest, claimed(ingest)) is None
    assert await catalog.events(0, 10) == []


async def test_the_latest_event_of_an_ingest(catalog):
    ingest, _ = await finished(catalog)
    await sent(catalog, 1)
    gone = ingest.moved(State.DELETED, LATER)
    event = await catalog.save(ingest, gone, event_of(gone))
    assert await catalog.event_of(ingest.id) == event
    assert await catalog.event_of(new_id()) is None


async def test_each_event_has_a_pending_delivery_for_each_sink_oldest_first(catalog):
    ingest, first = await finished(catalog)
    gone = ingest.moved(State.DELETED, NOON)
    second = await catalog.save(ingest, gone, event_of(gone))
    found = await catalog.deliveries(ingest.id)
    assert [(each.event_id, each.sink) for each in found] == [
        (event.id, sink) for event in (first, second) for sink in sorted(SINKS)
    ]
    assert {(each.state, each.attempts, each.next_attempt_at) for each in found} == {("pending", 0, NOON)}


async def test_a_follower_misses_no_event_of_many_writers(catalog):
    begun = []
    for _ in range(40):
        ingest = received()
        await catalog.record(ingest)
        begun.append(claimed(ingest))
        await catalog.save(ingest, begun[-1])
    seen = []

    async def follow():
        while len(seen) < len(begun):
            seen.extend(await catalog.events(int(seen[-1].sequence) if seen else 0, 7))
            await asyncio.sleep(0)

    ends = [settled(ingest) for ingest in begun]
    saving = (catalog.save(a, b, event_of(b)) for a, b in zip(begun, ends, strict=True))
    *saved, _ = await asyncio.gather(*saving, follow())
    assert [int(event.sequence) for event in seen] == list(range(1, 41))
    assert {event.id for event in seen} == {event.id for event in saved}


async def test_a_refused_save_leaves_no_hole_in_the_sequence(catalog):
    ingest, _ = await finished(catalog)
    gone = ingest.moved(State.DELETED, NOON)
    answers = await asyncio.gather(
        *(catalog.save(ingest, gone, event_of(gone)) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(answer, Exception) for answer in answers) == 4
    await sent(catalog, 1)
    assert [int(event.sequence) for event in await catalog.events(0, 10)] == [1, 2, 3]


async def test_a_due_delivery_is_claimed_with_its_event_until_a_time(catalog):
    (event,) = await sent(catalog, 1)
    assert await catalog.due_deliveries(NOON - SECOND, LATER, 10) == []
    due = await catalog.due_deliveries(NOON, LATER, 10)
    assert {each.delivery.sink for each in due} == set(SINKS)
    assert [each.event for each in due] == [event, event]
    assert [each.delivery.next_attempt_at for each in due] == [LATER, LATER]
    assert await catalog.due_deliveries(LATER - SECOND, LATER, 10) == []
    again = await catalog.due_deliveries(LATER, LATER + SECOND, 10)
    assert {each.token for each in again} == {due[0].token + 1}


async def test_due_deliveries_come_oldest_first_limited_and_of_one_event(catalog):
    late, early = (await sent(catalog, 1, NOON + SECOND)) + (await sent(catalog, 1, NOON))
    (first,) = await catalog.due_deliveries(LATER, LATER + SECOND, 1)
    assert first.event == early
    due = await catalog.due_deliveries(LATER, LATER + SECOND, 10, late.id)
    assert [each.event for each in due] == [late, late]
    (last,) = await catalog.due_deliveries(LATER, LATER + SECOND, 10)
    assert last.event == early
    assert last.delivery.sink != first.delivery.sink


async def test_claimers_at_once_get_different_deliveries(catalog):
    events = await sent(catalog, 10)
    claims = await asyncio.gather(*(catalog.due_deliveries(NOON, LATER, 6) for _ in range(6)))
    claims.append(await catalog.due_deliveries(NOON, LATER, 100))
    found = [(due.event.id, due.delivery.sink) for due in chain.from_iterable(claims)]
    assert sorted(found) == sorted((event.id, sink) for event in events for sink in SINKS)


async def test_a_reported_delivery_is_done(catalog):
    ingest, event = await finished(catalog)
    for due in await catalog.due_deliveries(NOON, LATER, 10, event.id):
        assert await catalog.report(due, delivered(due)) is True
    found = await catalog.deliveries(ingest.id)
    assert {(each.state, each.attempts, each.delivered_at) for each in found} == {("delivered", 1, LATER)}
    assert await catalog.due_deliveries(LATER + SECOND, LATER + SECOND, 10) == []


async def test_an_attempt_is_reported_once(catalog):
    ingest, event = await finished(catalog)
    due, _ = await catalog.due_deliveries(NOON, LATER, 10, event.id)
    retry = replace(due.delivery, attempts=1, next_attempt_at=LATER + SECOND, last_error="away")
    assert await catalog.report(due, retry) is True
    assert await catalog.report(due, delivered(due)) is False
    assert retry in await catalog.deliveries(ingest.id)
    again = await catalog.due_deliveries(LATER + SECOND, LATER + 2 * SECOND, 10)
    assert due.delivery.sink in {each.delivery.sink for each in again}


async def test_a_claim_that_another_has_taken_over_cannot_report(catalog):
    await finished(catalog)
    old = await catalog.due_deliveries(NOON, LATER, 1)
    new = [
        each
        for each in await catalog.due_deliveries(LATER, LATER + SECOND, 10)
        if each.delivery.sink == old[0].delivery.sink
    ]
    assert await catalog.report(old[0], dead(old[0])) is False
    assert await catalog.report(new[0], delivered(new[0])) is True


async def test_dead_deliveries_are_revived_and_others_stay(catalog):
    ingest, event = await finished(catalog)
    other, _ = await finished(catalog)
    done, gone = await catalog.due_deliveries(NOON, LATER, 10, event.id)
    await catalog.report(done, delivered(done))
    await catalog.report(gone, dead(gone))
    assert await catalog.revive(other.id, LATER) == 0
    assert await catalog.revive(ingest.id, LATER) == 1
    assert await catalog.revive(ingest.id, LATER) == 0
    (again,) = await catalog.due_deliveries(LATER, LATER + SECOND, 10, event.id)
    assert (again.delivery.sink, again.delivery.attempts) == (gone.delivery.sink, 0)
    assert await catalog.report(gone, delivered(gone)) is False


async def test_an_empty_catalog_counts_zeros(catalog):
    census = await catalog.census(LATER)
    assert census.ingests == dict.fromkeys(State, 0)
    assert census.deliveries == {(sink, str(state)): 0 for sink in SINKS for state in DeliveryState}
    assert census.oldest_waiting_at is None
    assert census.oldest_undelivered_at is None


async def test_the_census_counts_ingests_by_state(catalog):
    for state in (State.COMPLETED, State.COMPLETED, State.REJECTED, State.FAILED):
        ingest, _ = await finished(catalog, state)
    again = ingest.moved(State.RECEIVED, LATER, due_at=LATER)
    await catalog.save(ingest, again)
    await catalog.record(received(NOON + SECOND))
    await catalog.record(received(state=State.RECEIVING, due_at=None))
    await catalog.record(received(state=State.ABORTED, due_at=None))
    taken = received()
    await catalog.record(taken)
    await catalog.save(taken, claimed(taken))
    census = await catalog.census(LATER)
    assert {state: number for state, number in census.ingests.items() if number} == {
        State.COMPLETED: 2, State.REJECTED: 1, State.RECEIVED: 2,
        State.RECEIVING: 1, State.ABORTED: 1, State.PROCESSING: 1,
    }  # fmt: skip
    assert census.oldest_waiting_at == NOON + SECOND


async def test_the_census_counts_deliveries_by_sink_and_state(catalog):
    for seconds in (2, 1):
        await finished(catalog, at=NOON + seconds * SECOND)
    ingest, event = await finished(catalog, at=NOON)
    done, gone = await catalog.due_deliveries(NOON, LATER, 10, event.id)
    await catalog.report(done, delivered(done))
    await catalog.report(gone, dead(gone))
    census = await catalog.census(LATER)
    assert {name: number for name, number in census.deliveries.items() if number} == {
        (done.delivery.sink, "pending"): 2, (done.delivery.sink, "delivered"): 1,
        (gone.delivery.sink, "pending"): 2, (gone.delivery.sink, "dead"): 1,
    }  # fmt: skip
    assert census.oldest_undelivered_at == NOON + SECOND
    await catalog.revive(ingest.id, LATER)
    assert (await catalog.census(LATER)).oldest_undelivered_at == NOON + SECOND
