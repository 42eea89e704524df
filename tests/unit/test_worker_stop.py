"""A worker stops in the middle of a step: the step lets go at once, and then Celery's signal is obeyed."""

import asyncio
import contextlib
import signal
from datetime import UTC, datetime

import pytest
from billiard.common import TERM_SIGNAL

from shared.errors import Unavailable
from shared.events import DeliveryState
from shared.ingest import State
from tests.unit.rooms import received
from workers import notify, process
from workers import room as rooms


async def broken_off(step, begun):
    """Run the step until it has begun, and cancel it."""
    running = asyncio.ensure_future(step)
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.fixture
def examining(room):
    """Make the cage one that never answers; return the event of its question."""
    begun = asyncio.Event()

    async def examine(path, question):
        begun.set()
        await asyncio.Event().wait()

    room.cage.examine = examine
    return begun


async def test_what_was_begun_is_handed_back_and_the_attempt_does_not_count(room, examining):
    ingest = await received(room)
    await broken_off(process.process(room, ingest.id), examining)
    waiting = await room.services.catalog.get(ingest.id)
    assert (waiting.state, waiting.attempts) == (State.RECEIVED, 0)
    assert waiting.why == "handed back: the worker stopped"
    assert waiting.due_at <= datetime.now(UTC)
    assert room.services.queue.rung == [ingest.id]


async def test_stops_use_no_attempts_up(room, examining):
    ingest = await received(room)
    for _ in range(room.services.settings.max_attempts + 1):
        examining.clear()
        await broken_off(process.process(room, ingest.id), examining)
    del room.cage.examine
    told = await process.process(room, ingest.id)
    assert (told["validation"]["verdict"], told["timing"]["attempts"]) == ("completed", 1)


async def test_a_stop_while_the_queue_is_away_hands_back_all_the_same(room, examining):
    ingest = await received(room)
    room.services.queue.away = True
    await broken_off(process.process(room, ingest.id), examining)
    assert (await room.services.catalog.get(ingest.id)).state is State.RECEIVED


async def test_a_stop_that_cannot_hand_back_goes_on(room, examining, monkeypatch):
    ingest = await received(room)
    step = asyncio.ensure_future(process.process(room, ingest.id))
    await examining.wait()

    async def away(*_, **__):
        raise Unavailable

    monkeypatch.setattr(room.services.catalog, "save", away)
    await broken_off(step, examining)


async def test_what_ended_meanwhile_stays_ended(room, monkeypatch):
    ingest = await received(room)
    settled = asyncio.Event()

    async def enqueue_notify(event_id):
        settled.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(room.services.queue, "enqueue_notify", enqueue_notify)
    await broken_off(process.process(room, ingest.id), settled)
    assert (await room.services.catalog.get(ingest.id)).state is State.COMPLETED


async def test_a_delivery_in_mid_attempt_is_due_at_once_and_the_attempt_does_not_count(room, monkeypatch):
    await process.process(room, (ingest := await received(room)).id)
    sink, begun = next(iter(room.services.sinks.values())), asyncio.Event()

    async def deliver(event):
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(sink, "deliver", deliver)
    await broken_off(notify.notify(room.services), begun)
    monkeypatch.undo()
    assert await notify.notify(room.services) == 1
    (delivery,) = await room.services.catalog.deliveries(ingest.id)
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 1)


@pytest.fixture
def opened(monkeypatch):
    """A room of nothing but its loop."""
    stack = contextlib.AsyncExitStack()
    with asyncio.Runner() as runner:
        monkeypatch.setattr(rooms, "_opened", [rooms._Open(runner, None, stack)])
        yield


@pytest.fixture
def obeyed():
    """What Celery does at its signal; here it only counts."""
    signals = []
    before = signal.signal(TERM_SIGNAL, lambda number, _: signals.append(number))
    yield signals
    signal.signal(TERM_SIGNAL, before)


def test_the_signal_cancels_the_step_and_is_obeyed_once_that_has_let_go(opened, obeyed):
    let_go = []

    async def step(_room):
        signal.raise_signal(TERM_SIGNAL)
        signal.raise_signal(TERM_SIGNAL)
        try:
            await asyncio.sleep(30)
        finally:
            await asyncio.sleep(0)
            let_go.append(list(obeyed))

    with pytest.raises(asyncio.CancelledError):
        rooms.run(step)
    assert (let_go, obeyed) == ([[]], [TERM_SIGNAL])


def test_the_signal_is_obeyed_where_the_step_ends_just_then(opened, obeyed):
    async def step(_room):
        signal.raise_signal(TERM_SIGNAL)

    rooms.run(step)
    assert obeyed == [TERM_SIGNAL]


def test_a_step_leaves_the_signal_to_celery_when_it_has_ended(opened, obeyed):
    async def step(_room):
        return 7

    assert rooms.run(step) == 7
    signal.raise_signal(TERM_SIGNAL)
    assert obeyed == [TERM_SIGNAL]
