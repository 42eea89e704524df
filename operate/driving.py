"""The commands that change something: replay, release, delete, redeliver; they leave how to `shared.operating`."""

import os
from argparse import Namespace
from dataclasses import replace

from operate import filters
from operate.printing import Printer
from shared import operating
from shared.errors import BadQuery
from shared.ids import parse_id
from shared.operating import MAX_AT_ONCE
from shared.wiring import Services

OPERATOR = f"command-line:{os.getuid()}"
"""Who did it, as the history names it: no account is known here but the system's."""


async def replay(options: Namespace, services: Services, printer: Printer) -> int:
    """Replay the one, or many by filter."""
    if bool(options.id) == bool(options.state) or (options.id and options.dry_run):
        raise BadQuery("Say either an id, or --state failed with the filters of those to replay.")
    if not options.id:
        return await _replay_many(options, services, printer)
    ingest = await operating.replay(parse_id(options.id), services)
    printer.fields({"id": ingest.id, "state": ingest.state})
    return 0


async def release(options: Namespace, services: Services, printer: Printer) -> int:
    """Release one."""
    ingest = await operating.release(parse_id(options.id), OPERATOR, services)
    printer.fields({"id": ingest.id, "state": ingest.state})
    return 0


async def delete(options: Namespace, services: Services, printer: Printer) -> int:
    """Delete the bytes of one."""
    await operating.delete(parse_id(options.id), services)
    printer.fields({"id": options.id, "state": "deleted"})
    return 0


async def redeliver(options: Namespace, services: Services, printer: Printer) -> int:
    """Drive dead deliveries again."""
    wanted, done = filters.undelivered(options), 0
    for limit in filters.portions(options.limit, MAX_AT_ONCE):
        number = await operating.redeliver(replace(wanted, limit=limit), services)
        done += number
        if number < limit:
            break
    printer.fields({"replayed": done})
    return 0


async def _replay_many(options: Namespace, services: Services, printer: Printer) -> int:
    wanted, number = filters.listing(options), 0
    for limit in filters.portions(options.limit, MAX_AT_ONCE):
        done = await operating.replay_many(replace(wanted, limit=limit), services, dry_run=options.dry_run)
        for ingest_id in done.ids:
            printer.row({"id": ingest_id}, id=36)
        number += len(done.ids)
        if done.last is None:
            break
        wanted = replace(wanted, before=done.last)
    printer.say(f"{number} would be replayed." if options.dry_run else f"{number} replayed.")
    return 0
