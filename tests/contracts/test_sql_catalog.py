"""What SqlCatalog must stand on real databases: many processes, cut-off calls, outages; the promises are elsewhere."""

import asyncio
import sqlite3
import sys
import threading
import time
from contextlib import AsyncExitStack, closing, suppress

import pytest
from sqlalchemy import event, insert, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.adapters.sql_catalog import SqlCatalog, database
from shared.adapters.sql_catalog.counting import EVENTS, count
from shared.adapters.sql_catalog.ingests import save_ingest
from shared.adapters.sql_catalog.tables import idempotency
from shared.adapters.sql_catalog.uploads import prolonged
from shared.errors import DuplicateIngest, OutcomeUnknown, Unavailable
from shared.ids import new_id
from shared.ingest import State
from shared.ports import IdempotencyKey, Listing
from shared.resumable import Resumable
from tests.contracts.conftest import SINKS, sqlite_address
from tests.sample_ingests import LATER, NOON, finished, received

PROCESSES = 4
EACH = 25
ALL = PROCESSES * EACH


async def start_writer(url):
    command = (sys.executable, "-m", "tests.catalog_writer", url, str(EACH))
    return await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)


async def follow(catalog, number):
    seen = []
    while len(seen) < number:
        seen += await catalog.events(int(seen[-1].sequence) if seen else 0, 10)
        await asyncio.sleep(0.001)
    return seen


async def test_processes_that_write_at_once_lose_nothing_and_a_follower_sees_all_in_order(sql_catalog, sql_url):
    writers = [await start_writer(sql_url) for _ in range(PROCESSES)]
    following = asyncio.create_task(follow(sql_catalog, ALL))
    faults = [(await writer.communicate())[1].decode() for writer in writers]
    assert faults == [""] * PROCESSES
    async with asyncio.timeout(10):
        seen = await following
    assert [int(event.sequence) for event in seen] == list(range(1, ALL + 1))
    assert len({event.subject for event in seen}) == ALL
    census = await sql_catalog.census(LATER)
    assert census.ingests[State.COMPLETED] == ALL
    assert census.deliveries["celery:perception", "pending"] == ALL


async def test_many_that_are_recorded_at_once_share_their_commits(sql_catalog):
    await sql_catalog.ping()
    commits = []
    event.listen(sql_catalog._engine.sync_engine, "commit", commits.append)
    keys = [IdempotencyKey(str(number), "x") if number % 2 else None for number in range(64)]
    await asyncio.gather(*(sql_catalog.record(received(), key) for key in keys))
    assert len(commits) == 1
    assert len(await sql_catalog.listing(Listing(limit=100))) == 64


async def test_of_two_processes_that_record_with_the_same_keys_at_once_one_wins_each_key(sql_catalog, sql_url):
    keys = [IdempotencyKey(str(number), "x") for number in range(32)]
    async with SqlCatalog.open(sql_url, SINKS) as other:
        calls = [sql_catalog.record(received(), key) for key in keys]
        calls += [other.record(received(), key) for key in reversed(keys)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(answer) for answer in answers].count(DuplicateIngest) == 32
    assert answers.count(None) == 32
    assert len(await sql_catalog.listing(Listing(limit=100))) == 32


def taking(key):
    values = {"principal": "anonymous", "key": key, "ingest_id": new_id(), "fingerprint": "x", "created_at": NOON}
    return insert(idempotency).values(values)


async def waits_for_a_lock(catalog):
    async with asyncio.timeout(10):
        while True:
            async with catalog.reading() as connection:
                if await connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                    return


async def test_keys_are_taken_in_their_order_so_that_nobody_waits_crosswise(empty_postgres_url):
    async with SqlCatalog.open(empty_postgres_url, ()) as catalog, SqlCatalog.open(empty_postgres_url, ()) as other:
        async with other.writing() as connection:
            await connection.execute(taking("a"))
            calls = [asyncio.create_task(catalog.record(received(), IdempotencyKey(key, "x"))) for key in "za"]
            await waits_for_a_lock(other)
            await connection.execute(taking("z"))  # a deadlock, if the other had taken this one first
            await connection.rollback()
        await asyncio.gather(*calls)


async def test_uploads_are_prolonged_in_their_order_so_that_nobody_waits_crosswise(empty_postgres_url):
    async with SqlCatalog.open(empty_postgres_url, ()) as catalog, SqlCatalog.open(empty_postgres_url, ()) as other:
        ingests = sorted((received() for _ in range(2)), key=lambda ingest: ingest.id)
        for ingest in reversed(ingests):  # in the table as in no order of the ids
            await catalog.record(ingest, resumable=Resumable(ingest.id, NOON))
        first, second = (ingest.id for ingest in ingests)
        async with other.writing() as connection:
            await connection.execute(prolonged([first], LATER))
            call = asyncio.create_task(catalog.prolong([second, first], LATER))
            await waits_for_a_lock(other)
            await connection.execute(prolonged([second], LATER))  # a deadlock, if the other had taken this one first
            await connection.rollback()
        await call


async def test_what_is_just_prolonged_or_ended_is_left_alone_by_a_sweeper_that_does_not_wait(empty_postgres_url):
    async with SqlCatalog.open(empty_postgres_url, ()) as catalog, SqlCatalog.open(empty_postgres_url, ()) as other:
        ingests = [received(state=State.RECEIVING, due_at=None) for _ in range(3)]
        for ingest in ingests:
            await catalog.record(ingest, resumable=Resumable(ingest.id, NOON))
        prolonging, ending, expiring = ingests
        async with other.writing() as connection:
            await connection.execute(prolonged([prolonging.id], LATER))
            await save_ingest(connection, ending, ending.moved(State.ABORTED, NOON), None)
            assert [upload.ingest_id for upload in await catalog.expire_uploads(NOON, 10)] == [expiring.id]
        assert await catalog.expire_uploads(NOON, 10) == []


async def test_a_commit_that_breaks_off_is_unknown_to_all_whose_it_was(sql_catalog, monkeypatch):
    async def break_off(_connection):
        raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr(AsyncConnection, "commit", break_off)
        calls = [sql_catalog.record(received()) for _ in range(3)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(answer) for answer in answers] == [OutcomeUnknown] * 3
    await sql_catalog.record(received())


async def test_closing_finishes_what_is_being_recorded(sql_url):
    async with SqlCatalog.open(sql_url, SINKS) as catalog:
        calls = [asyncio.create_task(catalog.record(received())) for _ in range(100)]
        await asyncio.sleep(0)
    await asyncio.gather(*calls)
    async with SqlCatalog.open(sql_url, SINKS) as catalog:
        assert len(await catalog.listing(Listing(limit=1000))) == 100


async def test_a_reader_is_served_while_a_writer_holds_its_transaction(sql_catalog):
    ingest = received()
    await sql_catalog.record(ingest)
    async with sql_catalog.writing():
        assert await sql_catalog.get(ingest.id) == ingest


async def test_calls_that_are_cut_off_anywhere_leave_no_lock_and_no_half(sql_catalog):
    for turns in range(0, 120, 3):
        task = asyncio.create_task(finished(sql_catalog))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError, OutcomeUnknown):
            await task
    async with asyncio.timeout(5):
        await asyncio.gather(*(finished(sql_catalog) for _ in range(10)))
    census = await sql_catalog.census(LATER)
    events = await sql_catalog.events(0, 1000)
    assert len(events) == census.ingests[State.COMPLETED] >= 10
    assert [int(event.sequence) for event in events] == list(range(1, len(events) + 1))
    assert sum(census.deliveries.values()) == len(events) * len(SINKS)


@pytest.fixture
def locked(sqlite_url, monkeypatch):
    """The write lock in other hands; catalogs wait a third of a second for it."""
    monkeypatch.setattr(database, "PRAGMAS", ("PRAGMA busy_timeout = 300", *database.PRAGMAS[1:]))
    with closing(sqlite3.connect(make_url(sqlite_url).database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


async def test_a_writer_that_cannot_have_the_lock_is_told_in_time(sqlite_url, locked):
    async with SqlCatalog.open(sqlite_url, ()) as catalog:
        with pytest.raises(Unavailable):
            await catalog.record(received())
        locked.execute("ROLLBACK")
        await finished(catalog)
        assert len(await catalog.listing(Listing())) == 1


async def test_a_writer_that_is_cut_off_while_it_waits_for_the_lock_never_takes_it(sqlite_url, locked):
    async with SqlCatalog.open(sqlite_url, ()) as catalog:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await catalog.record(received())
        locked.execute("ROLLBACK")
        async with SqlCatalog.open(sqlite_url, ()) as another:
            await finished(another)
        assert len(await catalog.listing(Listing())) == 1


async def test_a_frozen_database_is_unavailable_in_time_and_used_again_when_it_thaws(
    postgres, empty_postgres_url, monkeypatch
):
    async with SqlCatalog.open(empty_postgres_url, SINKS) as catalog:
        ingest, _ = await finished(catalog)
        monkeypatch.setattr(database, "TRANSACTION_SECONDS", 0.3)
        postgres.freeze()
        try:
            began = time.monotonic()
            for call in (catalog.get(ingest.id), catalog.record(received()), catalog.ping()):
                with pytest.raises(Unavailable):
                    await call
            assert time.monotonic() - began < 12
        finally:
            postgres.thaw()
        monkeypatch.undo()
        assert await catalog.get(ingest.id) == ingest


async def test_a_database_that_crashed_is_unavailable_and_then_has_what_was_saved(postgres, empty_postgres_url):
    async with SqlCatalog.open(empty_postgres_url, SINKS) as catalog:
        ingest, event = await finished(catalog)
        postgres.kill()
        try:
            for call in (catalog.get(ingest.id), catalog.record(received()), catalog.ping()):
                with pytest.raises(Unavailable):
                    await call
        finally:
            postgres.start()
        assert await catalog.get(ingest.id) == ingest
        assert await catalog.events(0, 10) == [event]


async def test_a_client_frozen_in_a_transaction_does_not_stop_the_events_for_ever(empty_postgres_url, monkeypatch):
    monkeypatch.setitem(database.POSTGRES["server_settings"], "idle_in_transaction_session_timeout", "300")
    async with (
        SqlCatalog.open(empty_postgres_url, SINKS) as frozen,
        SqlCatalog.open(empty_postgres_url, SINKS) as catalog,
    ):
        async with AsyncExitStack() as holding:
            connection = await holding.enter_async_context(frozen.writing())
            await count(connection, {EVENTS: 1})
            _, event = await finished(catalog)
            with pytest.raises(Unavailable):
                await holding.aclose()
        assert await catalog.events(0, 10) == [event]


async def test_a_wrong_address_is_unavailable(postgres):
    for url in (postgres.url("no_such_database"), "postgresql+asyncpg://postgres@127.0.0.1:1/postgres"):
        async with SqlCatalog.open(url, ()) as catalog:
            with pytest.raises(Unavailable):
                await catalog.ping()


async def test_the_address_may_ask_for_encryption_as_other_clients_do(postgres_url):
    async with SqlCatalog.open(f"{postgres_url}?sslmode=disable", ()) as catalog:
        await catalog.ping()
    async with SqlCatalog.open(f"{postgres_url}?sslmode=require", ()) as catalog:
        with pytest.raises(Unavailable):  # The test's server has no certificate.
            await catalog.ping()


async def test_a_sqlite_file_in_a_missing_folder_is_unavailable(tmp_path):
    threads = threading.active_count()
    async with SqlCatalog.open(sqlite_address(tmp_path / "missing" / "catalog.db"), ()) as catalog:
        with pytest.raises(Unavailable):
            await catalog.ping()
    while (
        threading.active_count() > threads
    ):  # The driver's thread says goodbye to the loop, which must still be there.
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(("durable", "synchronous"), [(True, 2), (False, 0)])
async def test_sqlite_syncs_each_commit_if_durable_and_checks_references(sqlite_url, durable, synchronous):
    async with SqlCatalog.open(sqlite_url, (), durable=durable) as catalog, catalog.reading() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [await connection.scalar(text(f"PRAGMA {name}")) for name in pragmas]
    assert found == ["wal", synchronous, 1, 5000]


@pytest.mark.parametrize(("durable", "synchronous"), [(True, "on"), (False, "off")])
async def test_postgresql_syncs_each_commit_if_durable(postgres_url, durable, synchronous):
    async with SqlCatalog.open(postgres_url, (), durable=durable) as catalog, catalog.reading() as connection:
        assert await connection.scalar(text("SHOW synchronous_commit")) == synchronous
