"""The SQLite driver: one hop a statement, and a statement that is cut off is never left behind."""

import asyncio
import sqlite3
from contextlib import closing

import aiosqlite
import pytest

from shared.adapters.sql_catalog.sqlite_driver import Connection


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "some.db"
    with closing(sqlite3.connect(file)) as made:
        made.execute("CREATE TABLE words (word TEXT)")
        made.executemany("INSERT INTO words VALUES (?)", [("a",), ("b",)])
        made.commit()
    return str(file)


@pytest.fixture
async def connection(path):
    opened = await Connection(path)
    opened.isolation_level = None
    yield opened
    await opened.close()


@pytest.fixture
def hops(monkeypatch):
    """What goes into the thread."""
    made, execute = [], aiosqlite.Connection._execute

    async def noted(self, work, *arguments, **options):
        made.append(work)
        return await execute(self, work, *arguments, **options)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", noted)
    return made


async def rows(connection, statement):
    async with connection.cursor() as cursor:
        await cursor.execute(statement)
        return await cursor.fetchall()


async def test_a_statement_with_its_rows_is_one_hop(connection, hops):
    assert await rows(connection, "SELECT word FROM words") == [("a",), ("b",)]
    await connection.rollback()
    assert len(hops) == 1


async def test_what_was_begun_is_rolled_back(connection, path):
    await rows(connection, "BEGIN IMMEDIATE")
    await rows(connection, "DELETE FROM words")
    await connection.rollback()
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT count(*) FROM words").fetchone() == (2,)


async def test_a_statement_that_fails_leaves_a_connection_that_works(connection):
    with pytest.raises(sqlite3.OperationalError):
        await rows(connection, "SELECT nothing FROM nowhere")
    assert await rows(connection, "SELECT 1") == [(1,)]


async def test_a_transaction_whose_begin_was_cut_off_is_rolled_back_once_it_has_begun(connection, path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await connection.cursor().execute("BEGIN IMMEDIATE")
        rolling_back = asyncio.create_task(connection.rollback())
        await asyncio.sleep(0.05)
        assert not rolling_back.done()
        other.execute("ROLLBACK")
        await rolling_back
        other.execute("BEGIN IMMEDIATE")
