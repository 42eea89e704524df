"""A back room with a real SQLite catalog, a store, a queue and a sink in memory, and a cage that does as it is told."""

import asyncio
import shutil

import pytest

from migrations import upgrade
from shared.adapters.memory_presence import MemoryPresence
from shared.adapters.memory_queue import MemoryQueue
from shared.adapters.memory_sink import MemorySink
from shared.adapters.memory_store import MemoryStore
from shared.adapters.sql_catalog import SqlCatalog
from shared.policy import Policy
from shared.quarantine import Quarantine
from shared.settings import Settings
from shared.wiring import Services
from tests.unit.rooms import Cage
from workers.room import Room


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """An empty catalog, to be copied: migrating takes longer than most tests here."""
    folder = tmp_path_factory.mktemp("migrated")
    asyncio.run(upgrade(Settings(_env_file=None, data_dir=folder).catalog_url))
    return folder / "catalog.db"


@pytest.fixture
async def room(tmp_path, migrated):
    settings = Settings(
        _env_file=None, data_dir=tmp_path, max_attempts=2, retry_seconds=1e-6, delivery_attempts=2, lease_seconds=30
    )
    shutil.copy(migrated, tmp_path)
    sink = MemorySink()
    async with SqlCatalog.open(settings.catalog_url, (sink.name,)) as catalog:
        queue = MemoryQueue()
        quarantine = Quarantine.of(settings.quarantine)
        services = Services(
            settings, Policy(1 << 30), quarantine, MemoryStore(), catalog, queue, MemoryPresence(), {sink.name: sink}
        )
        yield Room(services, Cage())
