"""A back room for tests: its cage answers as it is told; real are the steps and, by the fixtures, the catalog."""

import hashlib
from datetime import UTC, datetime

from shared.digest import Hasher
from shared.ids import new_id
from shared.ingest import Ingest, State
from shared.metadata import TextMetadata
from workers.examine.examination import Examination

BODY = b"some text\n"
TEXT = Examination(media_type="text/plain", kind="text", metadata=TextMetadata(encoding="ascii", lines=1))


class Cage:
    """Answers with `found`, or does what it was given to do."""

    def __init__(self):
        self.found = TEXT
        self.examined = 0
        self.question = None

    async def examine(self, path, question):
        self.examined += 1
        self.question = question
        return self.found() if callable(self.found) else self.found


async def received(room, body=BODY, **changes):
    """Take a file in, as the front desk does."""
    services, now = room.services, datetime.now(UTC)
    ingest = Ingest(new_id(), State.RECEIVING, "me", now, now, "a.txt", "a.txt")
    writer = await services.store.create(ingest.id, Hasher(), expected=None)
    await writer.write([body])
    await writer.commit()
    await writer.release()
    sha256 = hashlib.sha256(body).hexdigest()
    known = {"size": len(body), "sha256": sha256, "received_at": now, "due_at": now}
    after = ingest.moved(State.RECEIVED, now, **known | changes)
    await services.catalog.record(after)
    return after


async def state(room, ingest):
    return (await room.services.catalog.get(ingest.id)).state


async def moves(room, ingest):
    return [move.after for move in await room.services.catalog.history(ingest.id)]
