"""aiosqlite with one hop into its thread for a statement instead of three or four; it leaves the SQL to SQLAlchemy.

To make and close a cursor, to fetch what was read with the statement, and to roll back nothing, no file is touched. A
hop costs about as much as a small statement.
"""

import asyncio
import sqlite3
from collections.abc import Iterable
from typing import Any

import aiosqlite

Rows = list[Any]


class Connection(aiosqlite.Connection):
    """A connection that knows whether its thread is done with all that it was asked."""

    def __init__(self, path: str) -> None:
        super().__init__(lambda: sqlite3.connect(path, check_same_thread=False), iter_chunk_size=1)
        self._thread.daemon = True  # as SQLAlchemy sets it: a process that ends does not wait for it
        self.idle = True

    def cursor(self) -> "Cursor":  # type: ignore[override]  # what aiosqlite's is for `async with`, ours is itself
        """Return a cursor at once."""
        return Cursor(self, self._conn.cursor())

    async def rollback(self) -> None:
        """Roll back, if there is or may be anything."""
        if not self.idle or self._conn.in_transaction:
            await super().rollback()

    async def run(self, fn: Any, *args: Any) -> Any:
        """Run it in the thread."""
        return await self._execute(fn, *args)

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """Run it in the thread. Who is cancelled leaves it at work there: what is asked next waits behind that."""
        self.idle = False
        try:
            answer = await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]  # aiosqlite's
        except asyncio.CancelledError:
            raise
        except BaseException:
            self.idle = True
            raise
        self.idle = True
        return answer


class Cursor(aiosqlite.Cursor):
    """A cursor that has read all rows once its statement is executed, as SQLAlchemy would ask for them next."""

    def __init__(self, connection: Connection, cursor: sqlite3.Cursor) -> None:
        super().__init__(connection, cursor)
        self._connection = connection
        self._rows: Rows = []

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "Cursor":
        """Execute a statement and read its rows."""
        self._rows = await self._connection.run(_executed, self._cursor, sql, parameters or ())
        return self

    async def fetchall(self) -> Rows:
        """Return the rows."""
        return self._rows

    async def close(self) -> None:
        """Close it, in the thread only where that may still be at work on it."""
        if self._connection.idle:
            self._cursor.close()
        else:
            await super().close()


def _executed(cursor: sqlite3.Cursor, sql: str, parameters: Any) -> Rows:
    cursor.execute(sql, parameters)
    return cursor.fetchall() if cursor.description else []
