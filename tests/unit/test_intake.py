"""Intake where something behind it fails: the bytes stay exactly where their row may be."""

import asyncio
from dataclasses import replace

import pytest
from starlette.requests import ClientDisconnect

from api.bodies import RawUpload
from api.gathering import BATCH_BYTES
from api.intake import Sender, receive
from shared.adapters.memory_catalog import MemoryCatalog
from shared.adapters.memory_presence import MemoryPresence
from shared.adapters.memory_queue import MemoryQueue
from shared.adapters.memory_store import MemoryStore
from shared.errors import EmptyFile, IdleTimeout, IncompleteBody, OutcomeUnknown, StorageFull, Unavailable
from shared.ingest import State
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

    async def record(self, ingest, key=None, detail=None):
        if ingest.state is State.RECEIVED:
            await self.during()
        await super().record(ingest, key, detail)


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
