"""Messages that come twice, late, out of order or as nonsense, and workers that come back: each effect happens once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import OutcomeUnknown, StaleState, Unavailable
from shared.events import DeliveryState
from shared.ids import new_id
from shared.ingest import Ingest, Reason, State, Verdict
from tests.unit.rooms import BODY, TEXT, moves, received, state
from tests.unit.test_preview import PaintingCage
from workers import notify, preview, process, reconcile, sweep
from workers.room import Room

REJECTED = TEXT.model_copy(update={"reason": Reason.UNREADABLE, "metadata": None})
NONSENSE = [7, -1, 1.5, True, [1], {"a": 1}, "", "nonsense", "\0", "\ud800", "../../etc/passwd", "a" * 1_000_000]


async def ended(room, end):
    """Take an ingest to that end."""
    ingest = await received(room)
    if end is State.FAILED:
        await failed(room, ingest)
    else:
        room.cage.found = REJECTED if end is State.REJECTED else TEXT
        await process.process(room, ingest.id)
    if end is State.DELETED:
        await deleted(room, ingest)
    room.cage.found = TEXT
    return await room.services.catalog.get(ingest.id)


async def failed(room, ingest):
    """Let each attempt at an ingest meet a fault of ours."""

    def fault():
        raise Unavailable("away")

    room.cage.found = fault
    for _ in range(room.services.settings.max_attempts):
        await process.process(room, ingest.id)
    room.cage.found = TEXT


async def deleted(room, ingest):
    """Delete an ended ingest, as the front desk does."""
    row = await room.services.catalog.get(ingest.id)
    gone = row.moved(State.DELETED, datetime.now(UTC), quarantined_until=None, preview=None)
    await room.services.catalog.save(row, gone)
    await room.services.store.delete(row.id)


async def again(room, ingest, **changes):
    """Replay a failed ingest or release a rejected one, as the front desk does."""
    row, now = await room.services.catalog.get(ingest.id), datetime.now(UTC)
    fresh = {"attempts": 0, "verdict": Verdict(), "completed_at": None, "due_at": now}
    await room.services.catalog.save(row, row.moved(State.RECEIVED, now, **fresh | changes))


async def released(room, ingest):
    await again(room, ingest, quarantined_until=None, overridden=(Reason.UNREADABLE,))


async def claimed(room, ingest):
    return await process.claim(await room.services.catalog.get(ingest.id), room.services)


async def taken_back(room, ingest):
    """Let the sweeper find that the lease has ended."""
    await sweep._take_back(ingest, datetime.now(UTC), room.services, gone=True)


async def all_there_is(room, ingest):
    """Return all that a message could change."""
    services = room.services
    return (
        await services.catalog.get(ingest.id),
        await services.catalog.history(ingest.id),
        await services.catalog.events(0, 100),
        dict(services.store.objects),
        set(services.store.away),
        dict(services.store.previews),
        list(services.queue.rung_notify),
    )


@pytest.mark.parametrize("end", [State.COMPLETED, State.REJECTED, State.FAILED, State.DELETED])
async def test_a_message_that_comes_after_the_end_changes_nothing_and_tells_the_end(room, end):
    ingest = await ended(room, end)
    before = await all_there_is(room, ingest)
    for told in await asyncio.gather(*(process.process(room, ingest.id) for _ in range(3))):
        assert told == (await room.services.catalog.event_of(ingest.id)).data.model_dump(mode="json")
    assert await all_there_is(room, ingest) == before


@pytest.mark.parametrize("end", [State.ABORTED, State.EXPIRED])
async def test_a_message_for_an_upload_that_never_was_whole_changes_nothing(room, end):
    now = datetime.now(UTC)
    ingest = Ingest(new_id(), State.RECEIVING, "me", now, now, "a.txt", "a.txt").moved(end, now)
    await room.services.catalog.record(ingest)
    before = await all_there_is(room, ingest)
    assert await process.process(room, ingest.id) is None
    await preview.make_preview(room, ingest.id)
    assert await all_there_is(room, ingest) == before


@pytest.mark.parametrize("nonsense", NONSENSE, ids=lambda value: repr(value)[:20])
async def test_nonsense_is_dropped_by_every_step(room, nonsense):
    ingest = await received(room)
    before = await all_there_is(room, ingest)
    assert await process.process(room, nonsense) is None
    await preview.make_preview(room, nonsense)
    assert await all_there_is(room, ingest) == before


async def test_a_ring_for_a_delivery_or_a_preview_that_comes_before_the_end_changes_nothing(room):
    studio = Room(room.services, PaintingCage())
    ingest = await received(studio)
    before = await all_there_is(studio, ingest)
    assert await notify.notify(studio.services) == 0
    await preview.make_preview(studio, ingest.id)
    assert (studio.cage.asked, await all_there_is(studio, ingest)) == ([], before)


async def test_an_event_rung_for_many_times_at_once_is_delivered_once(room):
    await ended(room, State.COMPLETED)
    (event_id,) = room.services.queue.rung_notify
    attempts = await asyncio.gather(*(notify.notify(room.services) for _ in range(5)))
    assert sorted(attempts) == [0, 0, 0, 0, 1]
    assert [event.id for event in room.services.sinks["memory:perception"].events] == [event_id]


async def test_while_a_replayed_one_is_processed_a_late_message_does_not_tell_its_former_end(room):
    ingest = await ended(room, State.FAILED)
    await again(room, ingest)
    await claimed(room, ingest)
    assert await process.process(room, ingest.id) is None


def at_work_meanwhile(room, *steps):
    """Let the next file that is examined take so long that all the steps are done first."""

    class Slow(type(room.cage)):
        async def examine(self, path, question):
            for step in steps:
                await step()
            return REJECTED

    return Room(room.services, Slow())


async def test_a_worker_that_comes_back_after_its_ingest_failed_and_was_replayed_changes_nothing(room):
    ingest = await received(room)

    async def meanwhile():
        for _ in range(room.services.settings.max_attempts):
            row = await room.services.catalog.get(ingest.id)
            await taken_back(room, row if row.state is State.PROCESSING else await claimed(room, row))
        assert await state(room, ingest) is State.FAILED
        await again(room, ingest)
        await process.process(room, ingest.id)

    assert await process.process(at_work_meanwhile(room, meanwhile), ingest.id) is None
    assert await state(room, ingest) is State.COMPLETED
    assert (await moves(room, ingest)).count("completed") == 1
    assert [event.type.split(".")[2] for event in await room.services.catalog.events(0, 9)] == ["failed", "completed"]
    assert (room.services.store.objects, room.services.store.away) == ({ingest.id: BODY}, set())


async def test_a_worker_that_comes_back_after_its_ingest_was_deleted_leaves_nothing(room):
    ingest = await received(room)

    async def meanwhile():
        for _ in range(room.services.settings.max_attempts):
            row = await room.services.catalog.get(ingest.id)
            await taken_back(room, row if row.state is State.PROCESSING else await claimed(room, row))
        await deleted(room, ingest)

    assert await process.process(at_work_meanwhile(room, meanwhile), ingest.id) is None
    assert await state(room, ingest) is State.DELETED
    assert room.services.store.objects == {}


def delayed(monkeypatch, store, name, meanwhile):
    """Let all of `meanwhile` happen between the decision for a move of bytes and the move, once."""
    move = getattr(store, name)

    async def late(ingest_id):
        monkeypatch.undo()
        await meanwhile()
        await move(ingest_id)

    monkeypatch.setattr(store, name, late)


async def test_bytes_that_are_put_away_late_are_brought_back_for_one_that_was_released_meanwhile(room, monkeypatch):
    ingest = await received(room)
    room.cage.found = REJECTED

    async def meanwhile():
        await released(room, ingest)
        await process.process(room, ingest.id)

    delayed(monkeypatch, room.services.store, "put_away", meanwhile)
    await process.process(room, ingest.id)
    assert await state(room, ingest) is State.COMPLETED
    assert (room.services.store.objects, room.services.store.away) == ({ingest.id: BODY}, set())


async def test_bytes_that_reconcile_puts_away_late_are_brought_back_too(room, monkeypatch):
    ingest = await ended(room, State.REJECTED)
    room.services.store.away.clear()
    room.services.store.written_at[ingest.id] -= timedelta(days=1)

    async def meanwhile():
        await released(room, ingest)
        await process.process(room, ingest.id)

    delayed(monkeypatch, room.services.store, "put_away", meanwhile)
    await reconcile.reconcile(room.services)
    assert await state(room, ingest) is State.COMPLETED
    assert room.services.store.away == set()


async def test_bytes_that_are_put_away_late_are_gone_where_the_ingest_was_deleted_meanwhile(room, monkeypatch):
    ingest = await received(room)
    room.cage.found = REJECTED
    delayed(monkeypatch, room.services.store, "put_away", lambda: deleted(room, ingest))
    await process.process(room, ingest.id)
    assert (room.services.store.objects, room.services.store.away) == ({}, set())


async def test_bytes_that_are_brought_back_by_a_worker_without_a_lease_go_back_into_quarantine(room, monkeypatch):
    ingest = await ended(room, State.REJECTED)
    await released(room, ingest)

    async def meanwhile():
        await taken_back(room, await room.services.catalog.get(ingest.id))
        room.cage.found = TEXT.model_copy(update={"reason": Reason.PARSER_CRASHED, "metadata": None})
        await process.process(room, ingest.id)

    delayed(monkeypatch, room.services.store, "bring_back", meanwhile)
    assert await process.process(room, ingest.id) is None
    assert await state(room, ingest) is State.REJECTED
    assert room.services.store.away == {ingest.id}


async def test_an_expired_lease_is_taken_back_once_by_two_sweepers_while_its_worker_ends_it(room):
    ingests = [await received(room) for _ in range(10)]
    leases = [await claimed(room, ingest) for ingest in ingests]
    ended_at = datetime.now(UTC)
    for lease in leases:
        await room.services.catalog.renew(lease, ended_at)
    ends = [lease.moved(State.COMPLETED, ended_at, due_at=None) for lease in leases]
    saving = (process.settle(lease, end, room.services) for lease, end in zip(leases, ends, strict=True))
    sweeping = (sweep.sweep(room.services) for _ in range(2))
    answers = await asyncio.gather(*sweeping, *saving, return_exceptions=True)
    for ingest, answer in zip(ingests, answers[2:], strict=True):
        last = State.RECEIVED if isinstance(answer, StaleState) else State.COMPLETED
        assert await moves(room, ingest) == ["receiving", "received", "processing", last]
    assert answers[:2] == [None, None]


async def test_two_reconcilers_at_once_remove_the_orphans_and_nothing_else(room):
    kept = await ended(room, State.COMPLETED)
    away = await ended(room, State.REJECTED)
    store = room.services.store
    store.objects |= dict.fromkeys((new_id() for _ in range(20)), BODY)
    store.away.clear()
    store.written_at = dict.fromkeys(store.objects, datetime.now(UTC) - timedelta(days=1))
    await asyncio.gather(*(reconcile.reconcile(room.services) for _ in range(3)))
    assert (store.objects.keys(), store.away) == ({kept.id, away.id}, {away.id})


@pytest.mark.parametrize("committed", [True, False])
async def test_an_end_whose_commit_broke_off_is_reached_once_all_the_same(room, monkeypatch, committed):
    ingest, save = await received(room), room.services.catalog.save

    async def break_off(before, after, *rest, **more):
        if after.state is not State.COMPLETED:
            return await save(before, after, *rest, **more)
        monkeypatch.undo()
        if committed:
            await save(before, after, *rest, **more)
        raise OutcomeUnknown

    monkeypatch.setattr(room.services.catalog, "save", break_off)
    for _ in range(2):
        await process.process(room, ingest.id)
    assert (await moves(room, ingest)).count("completed") == 1
    assert len(await room.services.catalog.events(0, 9)) == 1
    assert room.cage.examined == (1 if committed else 2)


async def away(*_, **__):
    raise Unavailable


@pytest.mark.parametrize(
    ("end", "method"),
    [
        (State.RECEIVED, "get"),
        (State.RECEIVED, "save"),
        (State.RECEIVED, "due_deliveries"),
        (State.COMPLETED, "get"),
        (State.COMPLETED, "event_of"),
    ],
)
async def test_a_catalog_that_is_away_is_no_crash_and_changes_nothing(room, monkeypatch, end, method):
    ingest = await received(room) if end is State.RECEIVED else await ended(room, end)
    before = await all_there_is(room, ingest)
    with monkeypatch.context() as patch:
        patch.setattr(room.services.catalog, method, away)
        if method == "due_deliveries":
            assert await notify.notify(room.services) == 0
        else:
            assert await process.process(room, ingest.id) is None
    assert await all_there_is(room, ingest) == before


async def test_a_catalog_that_goes_away_in_mid_work_leaves_the_lease_to_the_sweeper(room, monkeypatch):
    ingest = await received(room)

    async def meanwhile():
        monkeypatch.setattr(room.services.catalog, "save", away)

    assert await process.process(at_work_meanwhile(room, meanwhile), ingest.id) is None
    monkeypatch.undo()
    await taken_back(room, await room.services.catalog.get(ingest.id))
    await process.process(room, ingest.id)
    assert await state(room, ingest) is State.COMPLETED


async def test_a_sink_that_breaks_in_an_unforeseen_way_counts_its_attempts_and_dies_in_the_end(room):
    ingest = await ended(room, State.COMPLETED)
    room.services.sinks["memory:perception"].fault = ZeroDivisionError()
    found = []
    for _ in range(room.services.settings.delivery_attempts):
        now = datetime.now(UTC) + timedelta(hours=1)
        (due,) = await room.services.catalog.due_deliveries(now, now, 1)
        await notify._attempt(due, room.services)
        found += await room.services.catalog.deliveries(ingest.id)
    assert [(each.state, each.attempts) for each in found] == [(DeliveryState.PENDING, 1), (DeliveryState.DEAD, 2)]
    assert found[-1].last_error == "Unforeseen: ZeroDivisionError."


async def test_deliveries_are_all_waited_for_where_the_catalog_goes_away_meanwhile(room, monkeypatch):
    for _ in range(3):
        await ended(room, State.COMPLETED)

    with monkeypatch.context() as patch:
        patch.setattr(room.services.catalog, "report", away)
        assert await notify.notify(room.services) == 3
    assert len(room.services.sinks["memory:perception"].events) == 3
    assert len(asyncio.all_tasks()) == 1
