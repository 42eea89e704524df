"""Uploads in parts that nobody completes: the sweeper ends them, and no crash in between leaves anything behind."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from shared.errors import NotFound, StaleState, Unavailable
from shared.ids import new_id
from shared.ingest import Ingest, State
from shared.resumable import Resumable
from tests.unit.rooms import moves, received, state
from workers import process, reconcile, sweep

HOUR = timedelta(hours=1)
LONG_AGO = datetime.now(UTC) - 24 * HOUR


def counted(what):
    return REGISTRY.get_sample_value("hmas_expired_uploads_total", {"what": what}) or 0


async def begun(room, *, left=-HOUR, **changes):
    """Record an upload that has so much time left, with some of its bytes."""
    services, now = room.services, datetime.now(UTC)
    ingest = Ingest(new_id(), State.RECEIVING, "me", now, now, "a.txt", "a.txt")
    await services.catalog.record(ingest, resumable=Resumable(ingest.id, now + left, **changes))
    services.store.half_written[ingest.id] = LONG_AGO
    return ingest


async def test_an_upload_whose_time_is_over_expires_and_its_bytes_go(room, caplog):
    caplog.set_level(logging.INFO)
    ended, open_, before = await begun(room), await begun(room, left=HOUR), counted("whole")
    await sweep.sweep(room.services)
    assert await moves(room, ended) == ["receiving", "expired"]
    assert await state(room, open_) is State.RECEIVING
    assert set(room.services.store.half_written) == {open_.id}
    assert counted("whole") == before + 1
    told = [record.ingest_id for record in caplog.records if record.message == "its upload has expired"]
    assert told == [ended.id]


async def test_parts_are_counted_apart(room):
    before = counted("part"), counted("whole")
    await begun(room, is_part=True)
    await sweep.sweep(room.services)
    assert (counted("part"), counted("whole")) == (before[0] + 1, before[1])


async def test_an_expired_upload_is_forgotten_by_the_next_sweep_and_its_ingest_stays(room):
    ingest = await begun(room)
    await sweep.sweep(room.services)
    assert await room.services.catalog.resumable(ingest.id)
    await sweep.sweep(room.services)
    with pytest.raises(NotFound):
        await room.services.catalog.resumable(ingest.id)
    assert await state(room, ingest) is State.EXPIRED


async def test_an_append_that_has_begun_puts_the_end_off(room):
    ingest = await begun(room)
    await room.services.catalog.prolong([ingest.id], datetime.now(UTC) + HOUR)
    await sweep.sweep(room.services)
    assert await state(room, ingest) is State.RECEIVING
    assert ingest.id in room.services.store.half_written


async def test_an_append_that_comes_too_late_cannot_complete_what_has_expired(room):
    ingest = await begun(room)
    await sweep.sweep(room.services)
    await room.services.catalog.prolong([ingest.id], datetime.now(UTC) + HOUR)
    with pytest.raises(StaleState):
        await room.services.catalog.save(
            ingest, ingest.moved(State.RECEIVED, datetime.now(UTC), due_at=datetime.now(UTC))
        )
    assert await state(room, ingest) is State.EXPIRED


async def test_two_sweepers_at_once_end_each_upload_once(room):
    before = counted("whole")
    ingests = [await begun(room) for _ in range(5)]
    await asyncio.gather(*(sweep.sweep(room.services) for _ in range(3)))
    assert counted("whole") == before + 5
    for ingest in ingests:
        assert await moves(room, ingest) == ["receiving", "expired"]


async def test_bytes_that_a_crash_leaves_after_the_expiry_are_removed_by_reconcile(room, monkeypatch):
    async def away(_ingest_id):
        raise Unavailable("away")

    ingest, store = await begun(room), room.services.store
    with monkeypatch.context() as broken:
        broken.setattr(store, "delete", away)
        with pytest.raises(Unavailable):
            await sweep.sweep(room.services)
    assert await state(room, ingest) is State.EXPIRED
    assert ingest.id in store.half_written
    await reconcile.reconcile(room.services)
    assert store.half_written == {}


async def test_reconcile_leaves_the_bytes_of_a_receiving_ingest_alone_however_old_they_are(room):
    ingest, store = await begun(room, left=HOUR), room.services.store
    await reconcile.reconcile(room.services)
    assert set(store.half_written) == {ingest.id}
    assert await state(room, ingest) is State.RECEIVING


async def test_an_upload_whose_bytes_are_gone_expires_in_its_time_as_others_do(room):
    ingest = await begun(room)
    del room.services.store.half_written[ingest.id]
    await reconcile.reconcile(room.services)
    assert await state(room, ingest) is State.RECEIVING
    await sweep.sweep(room.services)
    assert await state(room, ingest) is State.EXPIRED


async def test_an_upload_without_a_digest_has_the_workers_from_its_end_on(room):
    ingest = await received(room)
    known = await room.services.catalog.get(ingest.id)
    bare = await received(room, sha256=None)
    told = await process.process(room, bare.id)
    assert told["file"]["sha256"] == known.sha256
    assert (await room.services.catalog.get(bare.id)).sha256 == known.sha256


async def test_stored_bytes_of_another_size_fail_also_without_a_digest(room):
    bare = await received(room, sha256=None)
    room.services.store.objects[bare.id] += b"more"
    for _ in range(2):
        told = await process.process(room, bare.id)
    assert told["validation"]["reasons"][0]["code"] == "stored_bytes_differ"
    assert told["file"]["sha256"] == ""


async def test_a_file_that_failed_before_its_digest_was_known_has_it_once_it_is_replayed(room):
    bare = await received(room, sha256=None)
    body = room.services.store.objects.pop(bare.id)
    for _ in range(2):
        await process.process(room, bare.id)
    failed = await room.services.catalog.get(bare.id)
    assert (failed.state, failed.sha256) == (State.FAILED, None)
    room.services.store.objects[bare.id] = body
    again = failed.moved(State.RECEIVED, datetime.now(UTC), due_at=datetime.now(UTC), attempts=0)
    await room.services.catalog.save(failed, again)
    await process.process(room, bare.id)
    assert (await room.services.catalog.get(bare.id)).sha256 == (await received(room)).sha256


async def test_an_attempt_that_failed_leaves_the_digest_to_the_next(room):
    def fault():
        raise Unavailable("away")

    bare, room.cage.found = await received(room, sha256=None), fault
    assert await process.process(room, bare.id) is None
    assert (await room.services.catalog.get(bare.id)).sha256 is None
