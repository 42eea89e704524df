"""Leases: work goes on only while its lease is renewed; it leaves claiming to `process` and taking back to `sweep`."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from shared.errors import LeaseLost, Unavailable
from shared.ingest import Ingest
from shared.ports import Catalog

RENEWALS = 3
"""Renewals within one lease, so that one or two may fail."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def leased(claimed: Ingest, catalog: Catalog, seconds: float) -> AsyncIterator[None]:
    """Renew the lease while the body runs; cancel the body and raise LeaseLost once the lease has ended."""
    try:
        async with asyncio.timeout(seconds) as deadline:
            renewal = asyncio.create_task(_renew(claimed, catalog, seconds, deadline))
            try:
                yield
            finally:
                renewal.cancel()
    except TimeoutError as error:
        if deadline.expired():
            raise LeaseLost from error
        raise


async def _renew(claimed: Ingest, catalog: Catalog, seconds: float, deadline: asyncio.Timeout) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(seconds / RENEWALS)
        asked_at = loop.time()
        try:
            await catalog.renew(claimed, datetime.now(UTC) + timedelta(seconds=seconds))
            deadline.reschedule(asked_at + seconds)
        except Unavailable as fault:
            log.warning("the lease could not be renewed: %s", fault)
        except LeaseLost:
            deadline.reschedule(loop.time())
            return
