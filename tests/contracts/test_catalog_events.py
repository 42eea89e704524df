"""The promises of Catalog about events, deliveries and the census, kept by every adapter."""

import asyncio
from dataclasses import replace
from itertools import chain

from shared.events import DeliveryState
from shared.ids import new_id
from shared.ingest import State
from shared.ports import Due, Undelivered
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


async def test_deliveries_to_sinks_that_are_left_out_stay_due(catalog):
    (event,) = await sent(catalog, 1)
    left_out, other = SINKS
    for event_id in (None, event.id):
        (due,) = await catalog.due_deliveries(NOON, NOON, 10, event_id, but_not={left_out})
        assert due.delivery.sink == other
        assert await catalog.due_deliveries(NOON, NOON, 10, event_id, but_not=set(SINKS)) == []
    due = await catalog.due_deliveries(NOON, LATER, 10)
    assert {each.delivery.sink for each in due} == set(SINKS)


async def test_no_sink_waits_behind_the_backlog_of_another(catalog):
    await sent(catalog, 6)
    busy, other = SINKS
    for due in await catalog.due_deliveries(NOON, LATER, 100, but_not={busy}):
        await catalog.report(due, delivered(due))
    (late,) = await sent(catalog, 1, NOON + SECOND)
    due = await catalog.due_deliveries(NOON + SECOND, LATER, 4)
    assert (late.id, other) in {(each.event.id, each.delivery.sink) for each in due}
    assert len(due) == 3


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


async def lost(catalog, *seconds):
    """Take an ingest its way at each of the seconds, let its deliveries die, and return the events."""
    events = [(await finished(catalog, at=NOON + n * SECOND))[1] for n in seconds]
    for event in events:
        for due in await catalog.due_deliveries(LATER, LATER + SECOND, 10, event.id):
            await catalog.report(due, dead(due))
    return events


def place(delivery):
    return delivery.sink, delivery.pending_since, delivery.event_id


async def test_what_is_undelivered_is_listed_by_sink_the_longest_waiting_first(catalog):
    late, early = await lost(catalog, 2, 1)
    (pending,) = await sent(catalog, 1)
    found = await catalog.undelivered(Undelivered())
    assert [(each.sink, each.event_id, each.pending_since) for each in found] == [
        (sink, event.id, event.time) for sink in sorted(SINKS) for event in (early, late)
    ]
    assert found[0] in await catalog.deliveries(early.subject)
    assert [each.event_id for each in await catalog.undelivered(Undelivered(DeliveryState.PENDING))] == [pending.id] * 2
    assert await catalog.undelivered(Undelivered(DeliveryState.DELIVERED)) == []


async def test_a_listing_of_the_undelivered_is_filtered(catalog):
    _, second, third = await lost(catalog, 0, 1, 2)
    only = Undelivered(sink=SINKS[1], since=second.time, until=third.time)
    assert [(each.sink, each.event_id) for each in await catalog.undelivered(only)] == [(SINKS[1], second.id)]
    assert await catalog.undelivered(Undelivered(sink="redis-stream:none \0 \udcff")) == []


async def test_pages_of_the_undelivered_have_no_doubles_and_no_holes_even_where_all_are_of_one_moment(catalog):
    await lost(catalog, 0, 0, 0, 1)
    pages, after = [], None
    for _ in range(20):
        page = await catalog.undelivered(Undelivered(after=after, limit=3))
        if not page:
            break
        pages += page
        after = place(page[-1])
    assert pages == await catalog.undelivered(Undelivered())
    assert len(pages) == 8


async def test_dead_deliveries_of_many_ingests_are_revived_the_longest_waiting_first(catalog):
    first, second = await lost(catalog, 0, 1)
    wanted = Undelivered(sink=SINKS[0], limit=1)
    assert await catalog.revive_many(wanted, LATER) == [first.id]
    assert await catalog.revive_many(wanted, LATER) == [second.id]
    assert await catalog.revive_many(wanted, LATER) == []
    assert {each.sink for each in await catalog.undelivered(Undelivered())} == {SINKS[1]}
    again = await catalog.due_deliveries(LATER, LATER + SECOND, 10)
    assert {(each.delivery.sink, each.delivery.attempts, each.delivery.pending_since) for each in again} == {
        (SINKS[0], 0, LATER)
    }


async def test_what_is_pending_or_delivered_is_never_revived(catalog):
    _, event = await finished(catalog)
    done, _ = await catalog.due_deliveries(NOON, LATER, 10, event.id)
    await catalog.report(done, delivered(done))
    assert await catalog.revive_many(Undelivered(DeliveryState.PENDING), LATER) == []


async def test_revivers_at_once_revive_different_ones(catalog):
    events = await lost(catalog, *range(10))
    revived = await asyncio.gather(*(catalog.revive_many(Undelivered(limit=6), LATER) for _ in range(5)))
    revived.append(await catalog.revive_many(Undelivered(limit=100), LATER))
    assert sorted(chain.from_iterable(revived)) == sorted(2 * [event.id for event in events])


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
