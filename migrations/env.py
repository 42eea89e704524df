"""Runs migrations on the connection that it is lent, which is in a transaction already; Alembic imports it."""

from alembic import context
from sqlalchemy import Connection, text

from shared.adapters.sql_catalog.tables import metadata

_LOCK = 0x484D4153
"""Any number, the same in all versions: only one migration runs at a time."""


def _run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":  # On SQLite, BEGIN IMMEDIATE has locked out all others.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    context.configure(connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])
