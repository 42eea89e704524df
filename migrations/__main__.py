"""Brings the catalog of the settings up to date, and says to which revision; `docs/runbook.md` says when."""

import asyncio

from migrations import upgrade
from shared.adapters.sql_catalog.tables import SCHEMA
from shared.settings import read_settings

asyncio.run(upgrade(read_settings().catalog_url))
print(f"The catalog is at revision {SCHEMA}.")
