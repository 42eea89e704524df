"""The back room's steps against a real SQLite catalog, with a cage, a queue and a sink that can be told to fail."""

import asyncio
import dataclasses
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.memory_presence import MemoryPresence
from shared.adapters.resting_sink import RestingSink
from shared.errors import DeliveryRefused, LeaseLost, StaleState, Unavailable
from shared.events import DeliveryState
from shared.findings import Danger, Finding
from shared.ids import new_id
from shared.ingest import Reason, State
from shared.policy import Policy
from tests.unit.rooms import TEXT, moves, received, state
from workers import notify, process, sweep
from workers.backoff import MAX_SECONDS, backoff
from workers.lease import leased
from workers.room import Room

PROGRAM = Finding(danger=Danger.EXECUTABLE, detail="a program")
POLYGLOT = Finding(danger=Danger.POLYGLOT, detail="two formats")


async def test_a_good_file_is_completed_and_its_events_data_is_the_result(room):
    ingest = await received(room)
    told = await process.process(room, ingest.id)
    assert told["validation"]["verdict"] == "completed"
    assert told["metadata"] == TEXT.metadata.model_dump(mode="json")
    assert await moves(room, ingest) == ["receiving", "received", "processing", "completed"]
    assert len(room.services.queue.rung_notify) == 1


@pytest.mark.parametrize("keep", [False, True])
async def test_the_place_where_it_was_taken_is_asked_for_as_the_settings_say(room, keep):
    settings = room.services.settings.model_copy(update={"keep_location": keep})
    services = dataclasses.replace(room.services, settings=settings)
    await process.process(Room(services, room.cage), (await received(room)).id)
    assert room.cage.question.keep_location is keep


async def test_a_message_delivered_twice_has_its_effects_once(room):
    ingest = await received(room)
    first = await process.process(room, ingest.id)
    assert await process.process(room, ingest.id) == first
    assert room.cage.examined == 1
    assert len(await room.services.catalog.events(0, 10)) == 1


async def test_two_workers_at_once_have_the_effects_once(room):
    ingest = await received(room)
    results = await asyncio.gather(*(process.process(room, ingest.id) for _ in range(5)))
    assert room.cage.examined == 1
    assert sum(result is not None for result in results) >= 1
    assert len(await room.services.catalog.events(0, 10)) == 1


async def test_a_message_for_an_unknown_ingest_is_dropped(room):
    assert await process.process(room, new_id()) is None


async def test_the_files_fault_is_rejected_with_its_reason(room):
    room.cage.found = TEXT.model_copy(update={"reason": Reason.UNREADABLE, "detail": "cut", "metadata": None})
    ingest = await received(room)
    told = await process.process(room, ingest.id)
    assert told["validation"]["reasons"][0]["code"] == "unreadable"
    assert await state(room, ingest) is State.REJECTED


async def test_a_type_that_the_policy_does_not_admit_is_rejected(room):
    services = dataclasses.replace(room.services, policy=Policy(1 << 30, ("video/*",)))
    ingest = await received(room)
    told = await process.process(Room(services, room.cage), ingest.id)
    assert told["validation"]["reasons"][0]["code"] == "type_not_allowed"


@pytest.mark.parametrize(
    ("found", "allowed", "reason"),
    [
        ({"reason": Reason.CONTENT_MISMATCH, "findings": (PROGRAM,)}, "*/*", "content_mismatch"),
        ({"findings": (PROGRAM,)}, "video/*", "executable"),
        ({"reason": Reason.UNREADABLE, "findings": (PROGRAM,)}, "*/*", "executable"),
        ({"findings": (POLYGLOT, PROGRAM)}, "*/*", "polyglot"),
        ({"reason": Reason.UNREADABLE}, "video/*", "type_not_allowed"),
        ({"reason": Reason.UNREADABLE}, "*/*", "unreadable"),
        ({"media_type": None, "reason": Reason.PARSER_CRASHED}, "video/*", "parser_crashed"),
    ],
)
async def test_reasons_have_an_order(room, found, allowed, reason):
    services = dataclasses.replace(room.services, policy=Policy(1 << 30, (allowed,)))
    room.cage.found = TEXT.model_copy(update=found)
    told = await process.process(Room(services, room.cage), (await received(room)).id)
    assert [one["code"] for one in told["validation"]["reasons"]] == [reason]


async def test_a_danger_that_the_policy_lets_pass_is_a_warning(room):
    services = dataclasses.replace(room.services, policy=Policy(1 << 30, polyglots="flag"))
    room.cage.found = TEXT.model_copy(update={"findings": (POLYGLOT,), "warnings": ("odd",)})
    told = await process.process(Room(services, room.cage), (await received(room)).id)
    assert (told["validation"]["verdict"], told["validation"]["warnings"]) == ("completed", ["two formats", "odd"])


async def test_our_fault_is_tried_again_and_fails_in_the_end(room):
    def fault():
        raise Unavailable("away")

    room.cage.found = fault
    ingest = await received(room)
    assert await process.process(room, ingest.id) is None
    waiting = await room.services.catalog.get(ingest.id)
    assert (waiting.state, waiting.attempts) == (State.RECEIVED, 1)
    assert "attempt 1 failed (unavailable)" in waiting.why
    told = await process.process(room, ingest.id)
    assert told["validation"]["reasons"][0]["code"] == "attempts_exhausted"
    assert "away" in told["validation"]["detail"]
    assert await state(room, ingest) is State.FAILED


async def test_an_unforeseen_fault_is_ours_too(room):
    def fault():
        raise ZeroDivisionError

    room.cage.found = fault
    ingest = await received(room)
    assert await process.process(room, ingest.id) is None
    assert await state(room, ingest) is State.RECEIVED


async def test_stored_bytes_that_differ_fail_and_are_not_examined(room):
    ingest = await received(room)
    room.services.store.objects[ingest.id] = b"other bytes"
    for _ in range(2):
        told = await process.process(room, ingest.id)
    assert told["validation"]["reasons"][0]["code"] == "stored_bytes_differ"
    assert room.cage.examined == 0


async def test_a_worker_that_lost_its_lease_cannot_save(room):
    ingest = await received(room)
    catalog = room.services.catalog
    claimed = await process.claim(await catalog.get(ingest.id), room.services)
    later = datetime.now(UTC) + timedelta(hours=1)
    await sweep._take_back(claimed, later, room.services, gone=False)
    second = await process.claim(await catalog.get(ingest.id), room.services)
    assert second.token == claimed.token + 1
    with pytest.raises(StaleState):
        await process.settle(claimed, claimed.moved(State.COMPLETED, later), room.services)
    assert await catalog.events(0, 10) == []


async def test_work_is_cancelled_once_its_lease_is_lost(room):
    ingest = await received(room)
    catalog = room.services.catalog
    claimed = await process.claim(await catalog.get(ingest.id), room.services)
    await sweep._take_back(claimed, datetime.now(UTC), room.services, gone=False)
    with pytest.raises(LeaseLost):
        async with leased(claimed, catalog, 0.06):
            await asyncio.sleep(30)


async def test_a_lease_is_renewed_while_work_goes_on(room):
    ingest = await received(room)
    catalog = room.services.catalog
    claimed = await process.claim(await catalog.get(ingest.id), room.services)
    renewed = asyncio.Event()

    async def renew(ingest, until):
        await catalog.renew(ingest, until)
        renewed.set()

    watched = SimpleNamespace(renew=renew)
    async with leased(claimed, watched, 3):
        await renewed.wait()
    assert (await catalog.get(ingest.id)).due_at != claimed.due_at


async def test_a_timeout_of_the_work_itself_is_not_a_lost_lease(room):
    ingest = await received(room)
    claimed = await process.claim(await room.services.catalog.get(ingest.id), room.services)
    with pytest.raises(TimeoutError):
        async with leased(claimed, room.services.catalog, 30):
            raise TimeoutError


async def test_the_sweeper_rings_again_for_what_is_due_and_not_twice(room):
    ingest = await received(room)
    await sweep.sweep(room.services)
    await sweep.sweep(room.services)
    assert room.services.queue.rung == [ingest.id]


async def test_the_sweeper_takes_back_an_expired_lease_and_fails_the_last_attempt(room):
    ingest = await received(room)
    services = dataclasses.replace(
        room.services, settings=room.services.settings.model_copy(update={"lease_seconds": 1e-6})
    )
    for end in (State.RECEIVED, State.FAILED):
        await process.claim(await services.catalog.get(ingest.id), services)
        await sweep.sweep(services)
        assert await state(room, ingest) is end
    event = await services.catalog.event_of(ingest.id)
    assert event.data.validation.reasons[0].code == "attempts_exhausted"


async def dead_worker(room, ingest, name):
    """Claim the ingest in the name of a slot that then ends."""
    presence = MemoryPresence(name)
    services = dataclasses.replace(room.services, presence=presence)
    await process.claim(await services.catalog.get(ingest.id), services)
    room.services.presence.ended.add(name)


async def test_what_a_dead_worker_held_is_taken_back_and_rung_for_in_the_same_sweep(room):
    ingest, neighbour = await received(room), await received(room)
    await process.claim(neighbour, room.services)
    await dead_worker(room, ingest, "dead")
    await sweep.sweep(room.services)
    assert room.services.queue.rung == [ingest.id]
    back = await room.services.catalog.get(ingest.id)
    assert (back.state, back.why) == (State.RECEIVED, "Its worker's process ended in the middle of attempt 1.")
    assert await state(room, neighbour) is State.PROCESSING


async def test_a_file_that_kills_its_worker_waits_longer_each_time_and_fails_in_the_end(room):
    settings = room.services.settings.model_copy(update={"retry_seconds": 60, "max_attempts": 3})
    services = dataclasses.replace(room.services, settings=settings)
    ingest = await received(room)
    waits = []
    for attempt in range(1, 4):
        await dead_worker(room, ingest, f"slot {attempt}")
        before = datetime.now(UTC)
        await sweep.sweep(services)
        row = await services.catalog.get(ingest.id)
        waits.append((row.due_at - before).total_seconds() if row.due_at else None)
    assert waits[0] < 30 <= waits[1] <= 61
    assert row.state is State.FAILED
    assert row.verdict.reasons == (Reason.ATTEMPTS_EXHAUSTED,)
    assert row.verdict.detail == "worker_went_silent: Its worker's process ended in the middle of attempt 3."


async def test_a_ring_that_is_lost_again_is_repeated_soon_and_not_after_a_lease(room):
    await received(room)
    await sweep.sweep(room.services)
    soon = datetime.now(UTC) + sweep.RING_AGAIN
    assert len(await room.services.catalog.waiting(soon, soon, 10)) == 1


async def test_bytes_that_are_missing_are_asked_for_again_and_fail_in_the_end(room):
    ingest = await received(room)
    del room.services.store.objects[ingest.id]
    assert await process.process(room, ingest.id) is None
    assert "stored_bytes_missing" in (await room.services.catalog.get(ingest.id)).why
    told = await process.process(room, ingest.id)
    assert told["validation"]["reasons"][0]["code"] == "stored_bytes_missing"
    assert room.cage.examined == 0


@pytest.mark.parametrize("priority", [0, 3])
async def test_the_sweeper_does_not_add_rings_to_a_backlog_of_them(room, priority, monkeypatch):
    monkeypatch.setattr(sweep, "BATCH", 5)
    waiting = [await received(room, priority=3) for _ in range(7)]
    queue = room.services.queue
    queue.small[priority] = 5
    await sweep.sweep(room.services)
    assert queue.rung == []
    queue.small[priority] -= 1
    await sweep.sweep(room.services)
    assert queue.rung == [waiting[0].id]


async def test_the_sweeper_rings_for_no_more_than_wait_without_a_ring(room):
    for _ in range(10):
        await received(room)
    room.services.queue.small[0] = 8
    await sweep.sweep(room.services)
    assert len(room.services.queue.rung) == 2
    await sweep.sweep(room.services)
    assert len(room.services.queue.rung) == 2


async def test_a_lost_ring_waits_neither_behind_a_flood_of_a_later_priority_nor_behind_large_files(room, monkeypatch):
    monkeypatch.setattr(sweep, "BATCH", 5)
    queue = room.services.queue
    for _ in range(5):
        await queue.enqueue(await received(room, priority=1))
        await queue.enqueue(await received(room, size=1 << 40))
    queue.rung.clear()
    urgent = await received(room)
    await sweep.sweep(room.services)
    assert queue.rung == [urgent.id]
    queue.large[0] = 0
    await sweep.sweep(room.services)
    assert len(queue.rung) == 6


@pytest.mark.parametrize(
    ("rings", "last", "room"),
    [
        ((0, 0, 0), 2, 200),
        ((50, 149, 0), 2, 1),
        ((50, 150, 0), 0, 150),
        ((50, 0, 150), 1, 150),
        ((200, 0, 0), -1, 0),
    ],
)
def test_what_waits_after_a_priority_leaves_it_its_room(rings, last, room):
    assert sweep.ringable(rings) == (last, room)


async def test_two_sweepers_at_once_do_each_thing_once(room):
    for _ in range(10):
        await received(room)
    await asyncio.gather(*(sweep.sweep(room.services) for _ in range(3)))
    assert len(room.services.queue.rung) == len(set(room.services.queue.rung)) == 10


async def test_all_that_an_outage_has_piled_up_is_delivered_by_one_call(room):
    for _ in range(2 * notify.BATCH + 1):
        await process.process(room, (await received(room)).id)
    assert await notify.notify(room.services) == 2 * notify.BATCH + 1
    assert await notify.notify(room.services) == 0


async def test_an_event_is_delivered_and_counted(room):
    ingest = await received(room)
    await process.process(room, ingest.id)
    event_id = room.services.queue.rung_notify[0]
    assert await notify.notify(room.services) == 1
    assert await notify.notify(room.services) == 0
    sink = room.services.sinks["memory:perception"]
    assert [event.id for event in sink.events] == [event_id]
    (delivery,) = await room.services.catalog.deliveries(ingest.id)
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 1)


async def test_a_refused_delivery_waits_says_why_and_dies_in_the_end(room):
    sink = room.services.sinks["memory:perception"]
    sink.fault = DeliveryRefused("answered 503")
    settings = room.services.settings.model_copy(update={"delivery_retry_seconds": 1e-6})
    services = dataclasses.replace(room.services, settings=settings)
    ingest = await received(room)
    await process.process(room, ingest.id)
    for attempts, end in ((1, DeliveryState.PENDING), (2, DeliveryState.DEAD)):
        await notify.notify(services)
        (delivery,) = await services.catalog.deliveries(ingest.id)
        assert (delivery.state, delivery.attempts, delivery.last_error) == (end, attempts, "answered 503")
    sink.fault = None
    assert await services.catalog.revive(ingest.id, datetime.now(UTC)) == 1
    await notify.notify(services)
    assert len(sink.events) == 1


async def test_a_sink_that_rests_uses_up_no_attempts(room):
    sink = RestingSink(room.services.sinks["memory:perception"], clock := Clock())
    services = dataclasses.replace(room.services, sinks={sink.name: sink})
    inner = room.services.sinks["memory:perception"]
    inner.fault = Unavailable("no answer")
    first, second = await received(room), await received(room)
    await process.process(room, first.id)
    assert await notify.notify(services) == 1
    await process.process(room, second.id)
    assert await notify.notify(services) == 0
    (delivery,) = await services.catalog.deliveries(second.id)
    assert (delivery.state, delivery.attempts) == (DeliveryState.PENDING, 0)
    inner.fault, clock.now = None, clock.now + 1
    assert await notify.notify(services) >= 1
    (delivery,) = await services.catalog.deliveries(second.id)
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 1)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


async def test_a_sink_that_was_taken_out_of_the_settings_is_no_loss(room):
    ingest = await received(room)
    await process.process(room, ingest.id)
    await notify.notify(dataclasses.replace(room.services, sinks={}))
    (delivery,) = await room.services.catalog.deliveries(ingest.id)
    assert delivery.state is DeliveryState.PENDING
    assert "no longer in PERCEPTION_SINKS" in delivery.last_error


@asynccontextmanager
async def away(queue):
    queue.away = True
    yield
    queue.away = False


async def test_without_the_queue_the_end_is_committed_all_the_same(room):
    ingest = await received(room)
    async with away(room.services.queue):
        assert await process.process(room, ingest.id)
    assert await state(room, ingest) is State.COMPLETED
    assert await notify.notify(room.services) == 1


def test_a_backoff_doubles_up_to_an_hour_and_spreads():
    waits = [backoff(attempts, 2).total_seconds() for attempts in (1, 2, 3, 30, 1000)]
    assert all(low <= wait <= 2 * low for wait, low in zip(waits, (1, 2, 4, 1800, 1800), strict=True))
    assert max(waits) <= MAX_SECONDS
    assert len({backoff(5, 2) for _ in range(20)}) > 1


@given(attempts=st.integers(1, 10**9), first=st.floats(1e-6, 1e9))
def test_a_backoff_is_between_half_and_all_of_what_doubling_gives_and_never_longer_than_an_hour(attempts, first):
    ceiling = min(MAX_SECONDS, first * 2.0 ** min(attempts - 1, 100))
    wait = backoff(attempts, first).total_seconds()
    assert ceiling / 2 - 1e-6 <= wait <= ceiling + 1e-6
