"""SqlCatalog: the port's promises on one SQL database; it leaves making the schema to `migrations/`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Self

from sqlalchemy import column, select, table

from shared.adapters.sql_catalog.counting import change_of_state, count
from shared.adapters.sql_catalog.deliveries import SqlDeliveries, add_event
from shared.adapters.sql_catalog.ingests import SqlIngests, save_ingest
from shared.adapters.sql_catalog.tables import SCHEMA
from shared.adapters.sql_catalog.tally import census_of, counted
from shared.adapters.sql_catalog.uploads import SqlUploads
from shared.errors import Unavailable
from shared.events import Event
from shared.ingest import Ingest
from shared.ports import Census


class SqlCatalog(SqlIngests, SqlUploads, SqlDeliveries):
    """Catalog on SQLite or PostgreSQL; each event gets a pending delivery for each of `sinks`."""

    def __init__(self, url: str, sinks: tuple[str, ...], *, durable: bool = True) -> None:
        super().__init__(url, durable=durable)
        self._sinks = sinks

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, sinks: tuple[str, ...], *, durable: bool = True) -> AsyncIterator[Self]:
        """Lend a catalog on SQLAlchemy's URL; connections are made when first needed, and closed at the end."""
        catalog = cls(url, sinks, durable=durable)
        try:
            yield catalog
        finally:
            await catalog.close()

    async def save(
        self, before: Ingest, after: Ingest, event: Event | None = None, detail: str | None = None
    ) -> Event | None:
        """See the port."""
        changes = change_of_state(before.state, after.state)
        async with self.writing() as connection:
            await save_ingest(connection, before, after, detail)
            if event:
                return await add_event(connection, event, self._sinks, changes)
            await count(connection, changes)
        return None

    async def census(self, now: datetime) -> Census:  # noqa: ARG002  (the port's: another store may need it)
        """See the port."""
        async with self.reading() as connection:
            return census_of((await connection.execute(counted())).all(), self._sinks)

    async def ping(self) -> None:
        """See the port."""
        async with self.reading() as connection:
            found = await connection.scalar(select(column("version_num")).select_from(table("alembic_version")))
        if found != SCHEMA:
            raise Unavailable(f"The catalog has schema {found}, this code needs {SCHEMA}: run the migrations.")
