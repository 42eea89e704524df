"""The catalog's schema and its history, run by Alembic; it leaves the tables' meaning to `shared.adapters.sql_catalog`.

`python -m migrations` brings the database of the settings up to date.
"""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url

from shared.adapters.sql_catalog.database import open_engine


def configuration(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, which is made here instead of in a file."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


async def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at SQLAlchemy's URL up to a revision; make SQLite's folder and file where needed."""
    await _run(url, lambda connection: command.upgrade(configuration(connection), revision))


async def downgrade(url: str, revision: str) -> None:
    """Take the database back to a revision, or to nothing: `base`. What was in dropped tables is lost."""
    await _run(url, lambda connection: command.downgrade(configuration(connection), revision))


async def _run(url: str, work: Callable[[Connection], None]) -> None:
    """Do the work in one transaction: all of it or nothing."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(parsed, statement_seconds=None)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(work)
    finally:
        await engine.dispose()
