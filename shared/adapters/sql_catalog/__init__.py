"""The catalog on SQLite or PostgreSQL; it leaves the schema's history to `migrations/`."""

from shared.adapters.sql_catalog.catalog import SqlCatalog

__all__ = ["SqlCatalog"]
