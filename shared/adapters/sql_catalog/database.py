"""Opens SQLite or PostgreSQL and lends connections for reading and for writing; it leaves the SQL to its users."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from sqlalchemy import URL, Connection, Table, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared.adapters.sql_catalog import sqlite_driver
from shared.adapters.sql_catalog.faults import named_faults, unknown_outcome

CONNECTIONS = 4
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 5
WAL_PAUSE_SECONDS = 0.01
TRANSACTION_SECONDS = 15
"""The outermost limit: waiting for a connection, a lock and the disk, all in one."""

_POOL: dict[str, Any] = {"pool_size": CONNECTIONS, "max_overflow": 0, "pool_timeout": CONNECT_SECONDS}
POSTGRES: dict[str, Any] = {
    "timeout": CONNECT_SECONDS,
    "server_settings": {
        "application_name": "hmas-ingestion",
        # A frozen client must not keep its locks: the counter row of the events stops everyone.
        "idle_in_transaction_session_timeout": str(TRANSACTION_SECONDS * 1000),
        "jit": "off",
    },
}
PRAGMAS = (
    f"PRAGMA busy_timeout = {STATEMENT_SECONDS * 1000}",
    "PRAGMA foreign_keys = ON",
)


class Database:
    """One engine on one event loop. Reads are single statements; a write is one transaction."""

    def __init__(self, url: str, *, durable: bool = True) -> None:
        self._engine = open_engine(make_url(url), durable=durable)
        self._is_sqlite = self._engine.dialect.name == "sqlite"
        level = {} if self._is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._reading = self._engine.execution_options(reading=True, **level)
        # SQLite has one writer at a time: within a process they queue here, in order and without polling.
        self._turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if self._is_sqlite else nullcontext()

    async def close(self) -> None:
        """Close the connections."""
        await self._engine.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection for one SELECT, which never waits for a writer on SQLite."""
        with named_faults():
            async with asyncio.timeout(TRANSACTION_SECONDS), self._reading.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection in a transaction that is committed at the end, or rolled back by an exception."""
        with named_faults():
            async with asyncio.timeout(TRANSACTION_SECONDS), self._turn, self._engine.connect() as connection:
                await connection.begin()
                yield connection
                with unknown_outcome():
                    await connection.commit()


def insert_or(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that takes ON CONFLICT, which both databases write alike and SQLAlchemy has once for each."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def open_engine(url: URL, statement_seconds: float | None = STATEMENT_SECONDS, *, durable: bool = True) -> AsyncEngine:
    """Return an engine with our time-outs, whose commits are synced if `durable`; nothing is connected yet."""
    if url.get_backend_name() != "sqlite":
        settings = POSTGRES["server_settings"] | {"synchronous_commit": "on" if durable else "off"}
        options = POSTGRES | {"command_timeout": statement_seconds, "server_settings": settings}
        return create_async_engine(_in_words_of_asyncpg(url), connect_args=options, pool_pre_ping=True, **_POOL)
    path = url.database or ""
    engine = create_async_engine(url, async_creator=lambda: sqlite_driver.Connection(path), **_POOL)
    pragmas = (*PRAGMAS, f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
    event.listen(engine.sync_engine, "connect", lambda connection, _record: _prepare_sqlite(connection, pragmas))
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _in_words_of_asyncpg(url: URL) -> URL:
    """Return the URL with libpq's `sslmode`, as hosting services write it, under the name that the driver takes."""
    query = {"ssl" if name == "sslmode" else name: value for name, value in url.query.items()}
    return url.set(query=query)


def _prepare_sqlite(connection: Any, pragmas: Sequence[str]) -> None:
    # The driver must not begin transactions by itself:
    # https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#pysqlite-serializable
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(pragma)
    _use_wal(cursor)
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """Switch the file to WAL, which it then stays in.

    SQLite does not wait for another process that is just doing the same, whatever the busy time-out: it says locked.
    https://sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode
    """
    until = time.monotonic() + STATEMENT_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(WAL_PAUSE_SECONDS)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the write lock first; a read lock that is raised later fails at once under contention.
    # https://sqlite.org/lang_transaction.html#deferred_immediate_and_exclusive_transactions
    if not connection.get_execution_options().get("reading"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
