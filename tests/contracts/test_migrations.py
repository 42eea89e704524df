"""The migrations and the tables that the code knows are the same schema, on both databases, there and back."""

import asyncio
import os
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, make_url

from migrations import configuration, downgrade, upgrade
from shared.adapters.sql_catalog import SqlCatalog
from shared.adapters.sql_catalog.database import open_engine
from shared.adapters.sql_catalog.tables import SCHEMA, metadata
from shared.errors import Unavailable
from shared.ingest import State
from shared.resumable import Resumable
from tests.sample_ingests import LATER, NOON, finished, received


async def look(url, question):
    engine = open_engine(make_url(url))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(question)
    finally:
        await engine.dispose()


def differences(connection):
    return compare_metadata(MigrationContext.configure(connection), metadata)


def names(connection):
    schema = inspect(connection)
    found = set()
    for table in set(schema.get_table_names()) - {"alembic_version"}:
        found |= {table, schema.get_pk_constraint(table)["name"]}
        others = (schema.get_foreign_keys, schema.get_check_constraints, schema.get_indexes)
        found |= {each["name"] for get in others for each in get(table)}
    return found


def test_the_code_knows_the_newest_migration():
    assert ScriptDirectory.from_config(configuration()).get_heads() == [SCHEMA]


async def test_migrations_make_the_tables_that_the_code_knows(new_url):
    await upgrade(new_url)
    assert await look(new_url, differences) == []
    indexes = {index.name for table in metadata.tables.values() for index in table.indexes}
    keys = {table.primary_key.name for table in metadata.tables.values()}
    assert await look(new_url, names) >= {*metadata.tables, *indexes, *keys, "ck_ingests_open_is_due"}


async def test_migrations_can_be_run_again_and_keep_what_is_there(new_url):
    await upgrade(new_url)
    async with SqlCatalog.open(new_url, ()) as catalog:
        ingest, _ = await finished(catalog)
        await upgrade(new_url)
        assert await catalog.get(ingest.id) == ingest
        await catalog.ping()


async def test_downgrading_to_base_leaves_nothing_and_upgrading_makes_it_again(new_url):
    await upgrade(new_url)
    await downgrade(new_url, "base")
    assert await look(new_url, names) == set()
    await upgrade(new_url)
    assert await look(new_url, differences) == []


async def test_downgrading_aborts_what_could_not_be_sent_further(new_url):
    await upgrade(new_url)
    async with SqlCatalog.open(new_url, ()) as catalog:
        ingest, (ended, _) = received(state=State.RECEIVING, due_at=None), await finished(catalog)
        await catalog.record(ingest, resumable=Resumable(ingest.id, LATER))
        await catalog.record(received(state=State.ABORTED, due_at=None))
    await downgrade(new_url, "0003")
    await upgrade(new_url)
    async with SqlCatalog.open(new_url, ()) as catalog:
        assert (await catalog.get(ingest.id)).state is State.ABORTED
        assert [(move.number, move.before, move.after) for move in await catalog.history(ingest.id)] == [
            (1, None, State.RECEIVING),
            (2, State.RECEIVING, State.ABORTED),
        ]
        assert (await catalog.census(NOON)).ingests[State.ABORTED] == 2
        assert await catalog.get(ended.id) == ended


async def test_the_command_can_be_started_twice_at_once(new_url):
    environment = os.environ | {"DATABASE_URL": new_url}
    command = (sys.executable, "-m", "migrations")
    pipe = asyncio.subprocess.PIPE
    started = [
        await asyncio.create_subprocess_exec(*command, env=environment, stdout=pipe, stderr=pipe) for _ in range(2)
    ]
    answers = [await process.communicate() for process in started]
    assert answers == [(f"The catalog is at revision {SCHEMA}.\n".encode(), b"")] * 2
    assert await look(new_url, differences) == []


async def test_a_database_without_our_schema_says_what_to_do(new_url):
    await upgrade(new_url, "base")
    async with SqlCatalog.open(new_url, ()) as catalog:
        for call in (catalog.get("x"), catalog.record(received()), catalog.ping(), catalog.census(NOON)):
            with pytest.raises(Unavailable, match="run the migrations"):
                await call


async def test_a_database_with_another_revision_says_what_to_do(new_url):
    await upgrade(new_url)
    async with SqlCatalog.open(new_url, ()) as catalog:
        async with catalog.writing() as connection:
            await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(Unavailable, match=f"schema 9999, this code needs {SCHEMA}: run the migrations"):
            await catalog.ping()
