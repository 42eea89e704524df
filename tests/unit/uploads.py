"""An engine for tests on parts in memory, and bodies that do what they are told."""

import asyncio
import base64
import hashlib

from api.intake import Sender
from api.resuming import Append, Creation, append, create
from shared.adapters.memory_catalog import MemoryCatalog
from shared.adapters.memory_presence import MemoryPresence
from shared.adapters.memory_queue import MemoryQueue
from shared.adapters.memory_store import MemoryStore
from shared.digest import sha256_digest
from shared.policy import Policy
from shared.quarantine import Quarantine
from shared.settings import Settings
from shared.wiring import Services

ME = Sender("me", "tus", "00-1-1-00")


def services_of(policy=None, **settings):
    """Return services in memory."""
    known = Settings(_env_file=None, **{"receive_idle_seconds": 5, **settings})
    policy = policy or Policy(1 << 30)
    parts = (MemoryStore(), MemoryCatalog(()), MemoryQueue(), MemoryPresence())
    return Services(known, policy, Quarantine(None), *parts, {})


async def body(*pieces):
    """Yield the bytes; raise a fault, wait for an event, or for ever at None."""
    for piece in pieces:
        if isinstance(piece, BaseException):
            raise piece
        if isinstance(piece, asyncio.Event):
            await piece.wait()
        elif piece is None:
            await asyncio.Event().wait()
        else:
            yield piece


async def begun(services, length=None, sender=ME, **said):
    """Create an upload; return its id."""
    return (await create(Creation(sender, length=length, **said), services)).ingest.id


async def send(services, upload, offset, *pieces, sender=ME, **said):
    """Append."""
    return await append(upload, sender, Append(body(*pieces), offset, **said), services)


def digest(content):
    """Return the content's digest, as a sender declares it."""
    return sha256_digest(hashlib.sha256(content).hexdigest())


def base64_of(value):
    """Return a checksum as tus writes it."""
    return base64.b64encode(value).decode()
