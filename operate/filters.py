"""What the command line's filters mean, page by page; it leaves parsing them to `arguments`."""

from argparse import Namespace
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

from shared.events import Delivery, DeliveryState
from shared.ingest import Ingest
from shared.ports import Listing, Undelivered
from shared.wiring import Services

PAGE = 200


def listing(options: Namespace) -> Listing:
    """Return which ingests the options name."""
    return Listing(
        state=options.state,
        media_type=options.media_type,
        sha256=options.sha256,
        filename=options.filename,
        since=options.since,
        until=options.until,
        quarantined="quarantined" in options and options.quarantined,
        reason=options.reason,
    )


def undelivered(options: Namespace) -> Undelivered:
    """Return which deliveries the options name."""
    state = options.state if "state" in options else DeliveryState.DEAD
    return Undelivered(state, options.sink, options.since, options.until)


def portions(number: int, most: int) -> Iterator[int]:
    """Yield the sizes of the calls that make up a number."""
    for start in range(0, number, most):
        yield min(most, number - start)


async def ingests(wanted: Listing, number: int, services: Services) -> AsyncIterator[Ingest]:
    """Yield at most so many ingests."""
    for limit in portions(number, PAGE):
        page = await services.catalog.listing(replace(wanted, limit=limit))
        for ingest in page:
            yield ingest
        if len(page) < limit:
            return
        wanted = replace(wanted, before=page[-1].id)


async def deliveries(wanted: Undelivered, number: int, services: Services) -> AsyncIterator[Delivery]:
    """Yield at most so many deliveries."""
    for limit in portions(number, PAGE):
        page = await services.catalog.undelivered(replace(wanted, limit=limit))
        for delivery in page:
            yield delivery
        if len(page) < limit:
            return
        last = page[-1]
        wanted = replace(wanted, after=(last.sink, last.pending_since, last.event_id))
