"""Intake where something behind it fails: the bytes stay exactly where their row may be."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from starlette.requests import ClientDisconnect

from api.bodies import RawUpload
from api.gathering import BATCH_BYTES
from api.intake import Sender, receive
from shared.adapters.memory_catalog import MemoryCatalog
from shared.adapters.memory_presence import MemoryPresence
from shared.adapters.memory_queue import MemoryQueue
from shared.adapters.memory_store import MemoryStore
from shared.errors import (
    EmptyFile,
    IdempotencyKeyReused,
    IdleTimeout,
    IncompleteBody,
    OutcomeUnknown,
    StorageFull,
    Unavailable,
)
from shared.ingest import Ingest, State
from shared.policy import Policy
from shared.ports import Listing
from shared.quarantine import Quarantine
from shared.settings import Settings
from shared.wiring import Services

SENDER = Sender("me", "raw", "00-1-1-00")


@pytest.fixture
def services():
    settings = Settings(_env_file=None, receive_idle_seconds=0.05)
    return Services(
        settings,
        Policy(1 << 30),
        Quarantine(None),
        MemoryStore(),
        MemoryCatalog(()),
        MemoryQueue(),
        MemoryPresence(),
        {},
    )


async def body(*pieces):
    for piece in pieces:
        if isinstance(piece, BaseException):
            raise piece
        if piece is None:
            await asyncio.Event().wait()
        yield piece


async def send(services, *pieces, size=None):
    return await receive(RawUpload(body(*pieces), "a.bin", None, size, None), SENDER, services)


async def states(services):
    return [ingest.state for ingest in await services.catalog.listing(Listing())]


class Recording(MemoryCatalog):
    """A catalog whose `record` does what it is told."""

    def __init__(self, during):
        super().__init__(())
        self.during = during

    async def record(self, ingest, key=None, detail=None, resumable=None):
        if ingest.state is State.RECEIVED:
            await self.during()
        await super().record(ingest, key, detail, resumable)


def raising(fault):
    async def during():
        raise fault

    return during


async def test_a_file_is_stored_recorded_and_rung_for(services):
    ingest = await send(services, b"one ", b"", b"two")
    assert services.store.objects == {ingest.id: b"one two"}
    assert services.queue.rung == [ingest.id]
    assert services.store.claimed == set()


async def test_without_the_queue_it_is_received_all_the_same(services):
    services.queue.away = True
    ingest = await send(services, b"x")
    assert ingest.state is State.RECEIVED


async def test_a_catalog_that_is_away_leaves_no_bytes(services):
    services = replace(services, catalog=Recording(raising(Unavailable("away"))))
    with pytest.raises(Unavailable):
        await send(services, b"x")
    assert services.store.objects == {}
    assert services.queue.rung == []


async def test_a_commit_with_an_unknown_outcome_leaves_the_bytes_to_the_reconciler(services):
    services = replace(services, catalog=Recording(raising(OutcomeUnknown("broke off"))))
    with pytest.raises(OutcomeUnknown):
        await send(services, b"x")
    assert list(services.store.objects.values()) == [b"x"]
    assert services.store.claimed == set()


async def test_a_stop_during_the_commit_leaves_the_bytes_to_the_reconciler(services):
    committing = asyncio.Event()

    async def during():
        committing.set()
        await asyncio.Event().wait()

    services = replace(services, catalog=Recording(during))
    sending = asyncio.create_task(send(services, b"x"))
    await committing.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert list(services.store.objects.values()) == [b"x"]
    assert await states(services) == []


@pytest.mark.parametrize(
    ("broken", "fault", "detail"),
    [(ClientDisconnect(), IncompleteBody, "disconnected"), (None, IdleTimeout, "idle")],
    ids=["disconnected", "stalled"],
)
async def test_an_upload_that_breaks_off_leaves_a_row_and_no_bytes(services, broken, fault, detail):
    with pytest.raises(fault):
        await send(services, b"x" * BATCH_BYTES, b"y", broken)
    assert services.store.objects == {}
    assert services.store.claimed == set()
    assert await states(services) == [State.ABORTED]
    (ingest,) = await services.catalog.listing(Listing())
    assert (await services.catalog.history(ingest.id))[-1].detail == detail


async def test_a_stop_in_mid_upload_leaves_a_row_and_no_bytes(services):
    begun = asyncio.Event()

    async def endless():
        yield b"x" * BATCH_BYTES
        begun.set()
        await asyncio.Event().wait()

    upload = RawUpload(endless(), "a.bin", None, None, None)
    sending = asyncio.create_task(receive(upload, SENDER, services))
    await begun.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert services.store.objects == {}
    assert await states(services) == [State.ABORTED]


@pytest.mark.parametrize("size", [None, 3 * BATCH_BYTES], ids=["undeclared", "declared"])
async def test_a_full_store_leaves_nothing(services, size):
    services.store.total = 2 * BATCH_BYTES
    with pytest.raises(StorageFull):
        await send(services, *[b"x" * BATCH_BYTES] * 3, size=size)
    assert services.store.objects == {}
    assert services.store.claimed == set()
    assert await states(services) == []


async def test_an_empty_body_leaves_nothing(services):
    with pytest.raises(EmptyFile):
        await send(services, b"", b"")
    assert services.store.objects == {}
    assert await states(services) == []


async def send_under_a_key(services, *pieces):
    upload = RawUpload(body(*pieces), "a.bin", None, None, None)
    return await receive(upload, replace(SENDER, idempotency_key="k"), services)


async def test_a_retry_that_overtakes_the_first_upload_wins_and_both_get_its_receipt(services):
    begun, retried = asyncio.Event(), asyncio.Event()

    async def slow():
        yield b"x" * BATCH_BYTES
        begun.set()
        await retried.wait()
        yield b"y"

    services = replace(services, settings=services.settings.model_copy(update={"receive_idle_seconds": 30}))
    upload = RawUpload(slow(), "a.bin", None, None, None)
    first = asyncio.create_task(receive(upload, replace(SENDER, idempotency_key="k"), services))
    await begun.wait()
    second = await send_under_a_key(services, b"x" * BATCH_BYTES, b"y")
    retried.set()
    assert await first == second
    assert services.store.objects.keys() == {second.id}
    assert (services.queue.rung, services.store.claimed) == ([second.id], set())


async def test_another_file_under_a_key_that_is_being_used_is_refused_and_leaves_nothing(services):
    answers = await asyncio.gather(
        *(send_under_a_key(services, content) for content in (b"one", b"two")), return_exceptions=True
    )
    assert {type(answer) for answer in answers} == {IdempotencyKeyReused, Ingest}
    assert len(services.store.objects) == 1
    assert services.store.claimed == set()


@pytest.mark.parametrize("end", [State.COMPLETED, State.REJECTED, State.FAILED, State.DELETED])
async def test_the_key_names_its_ingest_whatever_has_become_of_it(services, end):
    first = await send_under_a_key(services, b"x")
    now, row = datetime.now(UTC), first
    for after in (State.PROCESSING, State.COMPLETED, end) if end is State.DELETED else (State.PROCESSING, end):
        before, row = row, row.moved(after, now)
        await services.catalog.save(before, row)
    assert await send_under_a_key(services, b"x") == row
    assert (services.store.objects, services.queue.rung) == ({first.id: b"x"}, [first.id])


async def test_a_key_whose_upload_broke_off_is_free_again(services):
    with pytest.raises(IncompleteBody):
        await send_under_a_key(services, b"x" * BATCH_BYTES, ClientDisconnect())
    ingest = await send_under_a_key(services, b"x")
    assert services.store.objects == {ingest.id: b"x"}
    assert sorted(await states(services)) == [State.ABORTED, State.RECEIVED]


class BrokenOff(MemoryCatalog):
    """A catalog whose first commit of a received ingest breaks off, before or after it took place."""

    def __init__(self, *, committed):
        super().__init__(())
        self.committed, self.faults = committed, [OutcomeUnknown("broke off")]

    async def record(self, ingest, key=None, detail=None, resumable=None):
        if not self.faults or self.committed:
            await super().record(ingest, key, detail, resumable)
        if self.faults:
            raise self.faults.pop()


@pytest.mark.parametrize("committed", [True, False])
async def test_a_retry_after_a_commit_that_broke_off_gets_the_one_ingest_whose_bytes_are_kept(services, committed):
    services = replace(services, catalog=BrokenOff(committed=committed))
    with pytest.raises(OutcomeUnknown):
        await send_under_a_key(services, b"x")
    (first,) = services.store.objects
    ingest = await send_under_a_key(services, b"x")
    assert await states(services) == [State.RECEIVED]
    assert (ingest.id == first) is committed
    assert services.store.objects[ingest.id] == b"x"
    assert set(services.store.objects) - {ingest.id} == (set() if committed else {first})
