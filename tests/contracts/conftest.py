"""Databases for the catalog's contract suites, with its schema or new: one PostgreSQL a run, one SQLite file a test.

And object stores, in memory and on a disk.
"""

import asyncio
import shutil
from contextlib import closing

import pytest

from migrations import upgrade
from shared.adapters.disk_store import DiskStore
from shared.adapters.memory_catalog import MemoryCatalog
from shared.adapters.memory_store import MemoryStore
from shared.adapters.sql_catalog import SqlCatalog
from tests.postgres import PostgresServer

SINKS = ("celery:perception", "https://perception.example/in")


def sqlite_address(file):
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture(scope="session")
def postgres():
    with PostgresServer.running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres):
    asyncio.run(upgrade(postgres.url()))
    return postgres.url()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("sqlite") / "catalog.db"
    asyncio.run(upgrade(sqlite_address(file)))
    return file


@pytest.fixture
def sqlite_url(migrated_file, tmp_path):
    return sqlite_address(shutil.copy(migrated_file, tmp_path))


@pytest.fixture
def empty_postgres_url(postgres, postgres_url):
    postgres.execute("TRUNCATE ingests, moves, uploads, events, deliveries, idempotency, counters")
    return postgres_url


@pytest.fixture
def new_postgres_url(postgres):
    postgres.execute("CREATE DATABASE new")
    yield postgres.url("new")
    postgres.execute("DROP DATABASE new WITH (FORCE)")


@pytest.fixture
def new_sqlite_url(tmp_path):
    return sqlite_address(tmp_path / "folder that is not there" / "catalog.db")


@pytest.fixture(params=["new_sqlite_url", "new_postgres_url"])
def new_url(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["sqlite_url", "empty_postgres_url"])
def sql_url(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
async def sql_catalog(sql_url):
    async with SqlCatalog.open(sql_url, SINKS) as opened:
        yield opened


@pytest.fixture(params=["memory", "sqlite_url", "empty_postgres_url"])
def catalog_url(request):
    return None if request.param == "memory" else request.getfixturevalue(request.param)


@pytest.fixture
async def catalog(catalog_url):
    if catalog_url is None:
        yield MemoryCatalog(SINKS)
        return
    async with SqlCatalog.open(catalog_url, SINKS) as opened:
        yield opened


@pytest.fixture(params=["memory", "disk"])
def store(request, tmp_path):
    if request.param == "memory":
        yield MemoryStore()
        return
    disk = DiskStore(tmp_path)
    disk.open()
    with closing(disk):
        yield disk
