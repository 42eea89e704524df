"""Writes to an unfinished object in a process of its own, in the way of its first argument; its output tells each step.

`python -m tests.contracts.appending {wait,append,offer,mix} ROOT ID`
"""

import asyncio
import mmap
import random
import sys
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from shared.adapters.disk_store import DiskStore
from shared.digest import Hasher

PERIOD = random.Random(3).randbytes(65_537)
"""Its length is no multiple of any that is written, so a piece in the wrong place shows."""
ROUNDS = 1500
FOREVER = 600


def content(start, stop):
    """Return what belongs there in every object of these tests."""
    first = start % len(PERIOD)
    return (PERIOD * ((first + stop - start) // len(PERIOD) + 1))[first : first + stop - start]


def tell(*words):
    print(*words, flush=True)


@asynccontextmanager
async def held(store, ingest_id, **how):
    appender = await store.resume(ingest_id, Hasher(), **how)
    try:
        yield appender
    finally:
        await appender.release()


async def wait(store, ingest_id):
    """Hold it until another wants it, then write a little and let go."""
    async with held(store, ingest_id) as appender:
        tell("held", appender.offset)
        await appender.wanted.wait()
        await appender.write([content(appender.offset, appender.offset + 1000)])
        tell("kept", await appender.keep())


async def ask(store, ingest_id):
    """Want it, whoever holds it, for long."""
    tell("asking")
    async with held(store, ingest_id, patience=FOREVER) as appender:
        tell("held", appender.offset)


async def append(store, ingest_id):
    """Write on and on, and keep now and then."""
    await _append(store, ingest_id, provisional=False)


async def offer(store, ingest_id):
    """Do the same provisionally."""
    await _append(store, ingest_id, provisional=True)


async def _append(store, ingest_id, *, provisional):
    chance = random.Random(4)
    async with held(store, ingest_id, provisional=provisional) as appender:
        written = appender.offset
        tell("held", appender.offset)
        while True:
            for _ in range(chance.randrange(1, 5)):
                size = chance.randrange(1, 100_000)
                await appender.write([content(written, written + size)])
                written += size
                tell("written", written)
            tell("kept", await appender.keep())


@dataclass
class Bounds:
    """What an honest offset lies between, in memory that processes share: at least the first, at most the second."""

    shared: mmap.mmap

    @classmethod
    def of(cls, file):
        with file.open("r+b") as opened:
            return cls(mmap.mmap(opened.fileno(), 16))

    def least(self):
        return int.from_bytes(self.shared[:8])

    def most(self):
        return int.from_bytes(self.shared[8:])

    def at_least(self, offset):
        self.shared[:8] = offset.to_bytes(8)

    def at_most(self, offset):
        self.shared[8:] = offset.to_bytes(8)


async def mix(store, ingest_id):
    """Write much that is taken back, and a little that is kept, provisionally or not."""
    bounds, chance = Bounds.of(store.places.incoming.parent / "bounds"), random.Random(5)
    for _ in range(ROUNDS):
        provisional = chance.random() < 0.7
        async with held(store, ingest_id, provisional=provisional, patience=FOREVER) as appender:
            kept = appender.offset
            if provisional:
                await appender.write([bytes(chance.randrange(5000, 9000))])
                if chance.random() < 0.5:
                    await appender.take_back()
            else:
                bounds.at_most(kept + 10)
                await appender.write([bytes(10)])
                bounds.at_least(kept + 10)
            if provisional and chance.random() < 0.2:
                await appender.take_back()
                await appender.write([bytes(20)])
                bounds.at_most(kept + 20)
                bounds.at_least(await appender.keep())
    tell("done")


async def main(way, root, ingest_id):
    store = DiskStore(Path(root), durable=way is not mix)
    store.open()
    with closing(store):
        await way(store, ingest_id)


if __name__ == "__main__":
    asyncio.run(main(globals()[sys.argv[1]], sys.argv[2], sys.argv[3]))
