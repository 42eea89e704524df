"""Followers of the events on PostgreSQL, whose transactions commit out of turn: none skips one; the test can tell."""

import asyncio
import random
from contextlib import AsyncExitStack, asynccontextmanager

from shared.adapters.sql_catalog import SqlCatalog, deliveries
from shared.adapters.sql_catalog.counting import count
from tests.contracts.conftest import SINKS
from tests.sample_ingests import claimed, event_of, received, settled

CATALOGS, EACH = 4, 30
EVENTS = CATALOGS * EACH
PAGES = (1, 3, 7)
AT_ONCE = 3
ABORTED = 0.2


class AbortedError(Exception):
    """The transaction was given up at its end."""


class RoughCatalog(SqlCatalog):
    """Dawdles at the end of each transaction, and gives up one in five of them."""

    @asynccontextmanager
    async def writing(self):
        async with super().writing() as connection:
            yield connection
            await asyncio.sleep(random.uniform(0, 0.004))
            if random.random() < ABORTED:
                raise AbortedError


async def insist(call, *arguments):
    """Repeat a call until it is not given up."""
    while True:
        try:
            return await call(*arguments)
        except AbortedError:
            continue


async def write(catalog):
    """Take ingests to their end, several at once."""

    async def finish(number):
        for _ in range(number):
            ingest = received()
            await insist(catalog.record, ingest)
            held = claimed(ingest)
            await insist(catalog.save, ingest, held)
            end = settled(held)
            await insist(catalog.save, held, end, event_of(end))

    await asyncio.gather(*(finish(EACH // AT_ONCE) for _ in range(AT_ONCE)))


async def follow(url, limit, done):
    """Return all events, page by page, as a consumer that asks with the last sequence sees them."""
    seen = []
    async with SqlCatalog.open(url, SINKS) as catalog:
        while True:
            was_done = done.is_set()
            page = await catalog.events(int(seen[-1].sequence) if seen else 0, limit)
            seen += page
            if was_done and not page:
                return seen
            await asyncio.sleep(0.001)


async def written_and_followed(url):
    """Return the events that are there in the end, and what each follower saw."""
    done = asyncio.Event()
    followers = [asyncio.create_task(follow(url, limit, done)) for limit in PAGES]
    async with AsyncExitStack() as opened:
        catalogs = [await opened.enter_async_context(RoughCatalog.open(url, SINKS)) for _ in range(CATALOGS)]
        await asyncio.gather(*map(write, catalogs))
        done.set()
        return await catalogs[0].events(0, 2 * EVENTS), await asyncio.gather(*followers)


async def test_each_follower_sees_each_event_once_in_order_while_many_write_dawdle_and_give_up(empty_postgres_url):
    events, seen = await written_and_followed(empty_postgres_url)
    assert [int(event.sequence) for event in events] == list(range(1, EVENTS + 1))
    assert seen == [events] * len(PAGES)


class HeldCatalog(SqlCatalog):
    """Waits at the end of each transaction, once `held` is set, until `go`."""

    held: asyncio.Event | None = None
    go: asyncio.Event

    @asynccontextmanager
    async def writing(self):
        async with super().writing() as connection:
            yield connection
            if self.held:
                self.held.set()
                await self.go.wait()


async def to_be_ended(catalog):
    """Return the call that takes a new ingest to its end."""
    ingest = received()
    await catalog.record(ingest)
    held = claimed(ingest)
    await catalog.save(ingest, held)
    end = settled(held)
    return catalog.save(held, end, event_of(end))


@asynccontextmanager
async def overtaking(url):
    """Lend a transaction that has its event's number and is held, another one that comes later, and a follower."""
    async with HeldCatalog.open(url, SINKS) as first, SqlCatalog.open(url, SINKS) as second:
        ends = [await to_be_ended(catalog) for catalog in (first, second)]
        first.held, first.go = asyncio.Event(), asyncio.Event()
        saving = asyncio.create_task(ends[0])
        await first.held.wait()
        later = asyncio.create_task(ends[1])
        yield later, second
        first.go.set()
        await asyncio.gather(saving, later)


async def test_an_event_waits_for_those_before_it_to_be_committed(empty_postgres_url):
    async with overtaking(empty_postgres_url) as (later, follower):
        await asyncio.wait({later}, timeout=0.3)
        assert (later.done(), await follower.events(0, 9)) == (False, [])
    async with SqlCatalog.open(empty_postgres_url, SINKS) as follower:
        assert [int(event.sequence) for event in await follower.events(0, 9)] == [1, 2]


async def test_a_follower_would_skip_an_event_if_numbers_were_not_locked_until_the_commit(
    empty_postgres_url, monkeypatch
):
    """What a database's own sequence does; so the test above can fail."""
    async with SqlCatalog.open(empty_postgres_url, SINKS) as another:

        async def count_at_once(_connection, changes):
            async with another.writing() as connection:
                return await count(connection, changes)

        monkeypatch.setattr(deliveries, "count", count_at_once)
        async with overtaking(empty_postgres_url) as (later, follower):
            await later
            assert [int(event.sequence) for event in await follower.events(0, 9)] == [2]
        assert len(await another.events(0, 9)) == 2
        assert await another.events(2, 9) == []
