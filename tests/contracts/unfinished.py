"""Unfinished objects for the contract suites: begun, held, finished and read."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from shared.digest import Hasher
from shared.errors import NotFound
from shared.ids import new_id

SOON = timedelta(minutes=1)


async def begun(store, content=b"", length=None):
    """Return the id of an unfinished object with that content, which nobody holds."""
    ingest_id = new_id()
    appender = await store.begin(ingest_id, length=length)
    await appender.release()
    if content:
        async with held(store, ingest_id) as appender:
            await appender.write([content])
            await appender.keep()
    return ingest_id


@asynccontextmanager
async def held(store, ingest_id, hasher=None, **how):
    appender = await store.resume(ingest_id, hasher or Hasher(), **how)
    try:
        yield appender
    finally:
        await appender.release()


async def commit(store, ingest_id):
    async with held(store, ingest_id) as appender:
        await appender.commit()


async def read(store, ingest_id):
    return b"".join([piece async for piece in store.read(ingest_id, 0, 1 << 40)])


async def read_kept(appender, start=0, stop=1 << 40):
    return b"".join([piece async for piece in appender.read(start, stop)])


async def named(names, before=None):
    return [ingest_id async for ingest_id in names(before or datetime.now(UTC) + SOON)]


async def refuses_to_go_on(store, ingest_id):
    with pytest.raises(NotFound):
        await store.offset(ingest_id)
    with pytest.raises(NotFound):
        await store.resume(ingest_id, Hasher())
    with pytest.raises(NotFound):
        await store.join(new_id(), [ingest_id])
