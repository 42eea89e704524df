"""The commands that only look: list, show, uploads, deliveries, status, check; they change nothing."""

from argparse import Namespace
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from operate import filters
from operate.audit import Audit
from operate.printing import Printer
from shared import operating
from shared.errors import NotFound, Unavailable
from shared.full_receipt import DeliveryModel
from shared.ids import parse_id
from shared.ingest import Ingest, State
from shared.ports import Listing
from shared.receipt import Receipt, moment
from shared.wiring import Services

MOVE = {"at": 26, "before": 10, "after": 10, "detail": 0}
DELIVERY = {"sink": 24, "state": 9, "attempts": 8, "pending_since": 26, "next_attempt_at": 26, "last_error": 0}


async def list_ingests(options: Namespace, services: Services, printer: Printer) -> int:
    """Print the ingests that the filters leave."""
    columns = {"id": 36, "state": 10, "size": 12, "filename": 30, "waiting": 0}
    printer.head(**columns)
    async for ingest in filters.ingests(filters.listing(options), options.limit, services):
        printer.row(Receipt.of(ingest, services.settings.base_url), **columns)
    return 0


async def show(options: Namespace, services: Services, printer: Printer) -> int:
    """Print all of one ingest: its receipt with what it waits for, its history and its deliveries."""
    full = await operating.full_receipt(parse_id(options.id), services)
    if printer.as_json:
        printer.fields(full.model_dump(mode="json"))
        return 0
    printer.fields(full.model_dump(mode="json", exclude={"history", "deliveries"}))
    for title, columns, records in (("history", MOVE, full.history), ("deliveries", DELIVERY, full.deliveries)):
        printer.say(f"\n{title}:")
        printer.head(**columns)
        for record in records:
            printer.row(record, **columns)
    return 0


async def uploads(options: Namespace, services: Services, printer: Printer) -> int:
    """Print the unfinished uploads, the newest first: how far each is, and when it expires unless more comes."""
    columns = {"id": 36, "offset": 12, "length": 12, "expires_at": 20, "filename": 0}
    printer.head(**columns)
    wanted = Listing(state=State.RECEIVING, since=options.since, until=options.until)
    async for ingest in filters.ingests(wanted, options.limit, services):
        printer.row(await _unfinished(ingest, services), **columns)
    return 0


async def _unfinished(ingest: Ingest, services: Services) -> dict[str, Any]:
    """Return where an upload stands; without an offset where its bytes are gone, without a time where it just ended."""
    found: dict[str, Any] = {"id": ingest.id, "filename": ingest.filename}
    found |= dict.fromkeys(("offset", "length", "expires_at"))
    with suppress(NotFound):
        upload = await services.catalog.resumable(ingest.id)
        found |= {"length": upload.length, "expires_at": moment(upload.expires_at)}
        found["offset"] = await services.store.offset(ingest.id)
    return found


async def deliveries(options: Namespace, services: Services, printer: Printer) -> int:
    """Print the dead or pending deliveries, by sink, the longest waiting first."""
    columns = {"ingest_id": 36} | DELIVERY
    printer.head(**columns)
    async for delivery in filters.deliveries(filters.undelivered(options), options.limit, services):
        printer.row(DeliveryModel.of(delivery), **columns)
    return 0


async def check(options: Namespace, services: Services, printer: Printer) -> int:
    """Print what is wrong between rows and bytes, then what was looked at; 1 where anything is wrong."""
    audit, wrong = Audit(services, digests=options.digests), 0
    async for found in audit.findings():
        wrong += 1
        printer.row(asdict(found), id=36, fault=12, detail=0)
    seen = {"rows": audit.rows, "bytes": audit.bytes, "objects": audit.objects, "digests": options.digests}
    printer.fields(seen | {"wrong": wrong})
    return 1 if wrong else 0


async def status(options: Namespace, services: Services, printer: Printer) -> int:  # noqa: ARG001  (as all commands)
    """Print what waits, what is dead, how much room there is, and from where on uploads are refused."""
    census, space = await services.catalog.census(datetime.now(UTC)), await services.store.space()
    told: dict[str, Any] = {f"ingests.{state}": number for state, number in census.ingests.items()}
    told |= {f"deliveries.{sink}.{state}": number for (sink, state), number in sorted(census.deliveries.items())}
    told |= {"oldest_waiting_at": census.oldest_waiting_at, "oldest_undelivered_at": census.oldest_undelivered_at}
    told |= {"free_bytes": space.free, "total_bytes": space.total, "redis": await _redis(services)}
    watermarks = ("waiting_high", "waiting_low", "min_free_bytes", "free_again_bytes")
    printer.fields(told | {name: getattr(services.settings, name) for name in watermarks})
    return 0


async def _redis(services: Services) -> str:
    try:
        await services.queue.ping()
    except Unavailable as fault:
        return fault.detail
    return "ok"
