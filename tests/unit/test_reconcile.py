"""Disk and catalog brought together again, in both directions, against a real SQLite catalog."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from shared.digest import Hasher
from shared.errors import Unavailable
from shared.ids import new_id
from shared.ingest import MISSING, Ingest, State
from tests.unit.rooms import BODY, received
from workers import process, reconcile

LONG_AGO = datetime.now(UTC) - timedelta(days=1)


def counted(found):
    return REGISTRY.get_sample_value("hmas_reconciled_total", {"found": found}) or 0


async def completed(room):
    ingest = await received(room)
    await process.process(room, ingest.id)
    return ingest


async def test_bytes_without_a_row_are_removed_and_those_with_one_kept(room):
    kept, orphan, before = await received(room), new_id(), counted("orphan")
    store = room.services.store
    store.objects[orphan] = BODY
    store.written_at |= dict.fromkeys((orphan, kept.id), LONG_AGO)
    await reconcile.reconcile(room.services)
    assert set(store.objects) == {kept.id}
    assert counted("orphan") == before + 1


async def test_what_is_half_written_goes_once_its_writer_is_gone(room):
    store, dead, writing, before = room.services.store, new_id(), new_id(), counted("half_written")
    for ingest_id in (dead, writing):
        await store.create(ingest_id, Hasher(), expected=None)
        store.half_written[ingest_id] = datetime.now(UTC) - timedelta(seconds=reconcile.HALF_WRITTEN_SECONDS + 1)
    store.claimed.discard(dead)
    await reconcile.reconcile(room.services)
    assert set(store.half_written) == {writing}
    assert counted("half_written") == before + 1


async def test_what_waits_between_appends_stays_while_its_row_is_receiving_and_goes_without_one(room):
    store, (kept, orphan, held) = room.services.store, (new_id() for _ in range(3))
    await room.services.catalog.record(Ingest(kept, State.RECEIVING, "me", LONG_AGO, LONG_AGO, "a.txt", "a.txt"))
    for ingest_id in (kept, orphan, held):
        appender = await store.begin(ingest_id, length=None)
        await appender.write([BODY])
        if ingest_id != held:
            await appender.release()
        store.half_written[ingest_id] = LONG_AGO
    await reconcile.reconcile(room.services)
    assert set(store.parts) == {kept, held}
    assert await store.offset(kept) == len(BODY)


async def test_missing_bytes_of_an_ended_ingest_are_told_once_and_taken_back_when_they_reappear(room, caplog):
    lost, fine = await completed(room), await completed(room)
    catalog, store = room.services.catalog, room.services.store
    body = store.objects.pop(lost.id)
    for _ in range(2):
        await reconcile.reconcile(room.services)
        assert (await catalog.get(lost.id)).why == MISSING
        assert (await catalog.census(datetime.now(UTC))).missing == 1
    told = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert [record.ingest_id for record in told] == [lost.id]
    assert (await catalog.get(fine.id)).why is None
    store.objects[lost.id] = body
    await reconcile.reconcile(room.services)
    assert (await catalog.get(lost.id)).why is None
    assert (await catalog.census(datetime.now(UTC))).missing == 0


async def test_older_ones_than_a_page_are_looked_at_too(room, monkeypatch):
    monkeypatch.setattr(reconcile, "PAGE", 2)
    lost = [await completed(room) for _ in range(5)]
    for ingest in lost:
        del room.services.store.objects[ingest.id]
    await reconcile.reconcile(room.services)
    assert (await room.services.catalog.census(datetime.now(UTC))).missing == 5


async def test_a_whole_disk_that_is_away_does_not_fill_the_log(room, monkeypatch, caplog):
    monkeypatch.setattr(reconcile, "TOLD_ONE_BY_ONE", 2)
    for _ in range(4):
        await completed(room)
    room.services.store.objects.clear()
    await reconcile.reconcile(room.services)
    assert sum(record.levelno == logging.CRITICAL for record in caplog.records) == 2
    (summary,) = (record for record in caplog.records if record.message == "reconciled disk and catalog")
    assert summary.missing == 4


async def test_where_nothing_is_amiss_nothing_is_said(room, caplog):
    caplog.set_level(logging.INFO)
    await completed(room)
    caplog.clear()
    await reconcile.reconcile(room.services)
    assert not caplog.records


async def test_two_at_once_do_each_thing_once(room):
    lost, before = await completed(room), counted("missing")
    del room.services.store.objects[lost.id]
    orphan = new_id()
    room.services.store.objects[orphan], room.services.store.written_at[orphan] = BODY, LONG_AGO
    await asyncio.gather(*(reconcile.reconcile(room.services) for _ in range(3)))
    assert counted("missing") == before + 1
    assert orphan not in room.services.store.objects


async def test_a_store_that_does_not_answer_is_not_a_store_without_bytes(room, monkeypatch):
    ingest = await completed(room)

    async def away(_ids):
        raise Unavailable("away")

    monkeypatch.setattr(room.services.store, "missing", away)
    with pytest.raises(Unavailable):
        await reconcile.reconcile(room.services)
    assert (await room.services.catalog.get(ingest.id)).why is None


async def test_dead_slots_are_forgotten_once_no_ingest_names_them(room):
    ingest = await received(room)
    await process.claim(ingest, room.services)
    presence = room.services.presence
    presence.ended = {presence.name, "nobody knows it"}
    await reconcile.reconcile(room.services)
    assert presence.ended == {presence.name}
