"""Serves a worker's metrics: its processes' counters, and gauges from the catalog; it leaves alarms to others.

It runs in a thread of Celery's main process. The gauges are counted at each scrape, so they are never stale.
"""

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from shared.errors import IngestionError
from shared.ports import Census
from shared.settings import Settings
from shared.wiring import open_catalog

log = logging.getLogger(__name__)


def serve(settings: Settings, *, census: bool) -> None:
    """Begin to serve on METRICS_PORT; 0 serves nothing.

    One kind of worker takes the census: gauges of the same catalog from all three would be wrong in any sum.
    """
    if settings.metrics_port == 0:
        return
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    if census:
        registry.register(CatalogCollector(settings))
    start_http_server(settings.metrics_port, settings.metrics_host, registry)
    log.info("metrics on port %d", settings.metrics_port)


class CatalogCollector(Collector):
    """What waits, as the catalog counts it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Count at the time of the scrape; `hmas_catalog_up` is 0 where the catalog does not answer."""
        up = GaugeMetricFamily("hmas_catalog_up", "Whether the catalog answered this scrape")
        try:
            census = asyncio.run(self._count())
        except IngestionError as fault:
            log.warning("the catalog could not be counted: %s", fault)
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from gauges(census, datetime.now(UTC))

    async def _count(self) -> Census:
        async with open_catalog(self._settings) as catalog:
            return await catalog.census(datetime.now(UTC))


def gauges(census: Census, now: datetime) -> Iterator[GaugeMetricFamily]:
    """Return a census as gauges; ages are in seconds, 0 where nothing waits."""
    ingests = GaugeMetricFamily("hmas_ingests", "Ingests by state", labels=["state"])
    for state, number in census.ingests.items():
        ingests.add_metric([state], number)
    yield ingests
    deliveries = GaugeMetricFamily("hmas_deliveries", "Deliveries by sink and state", labels=["sink", "state"])
    for (sink, delivery_state), number in census.deliveries.items():
        deliveries.add_metric([sink, delivery_state], number)
    yield deliveries
    missing = GaugeMetricFamily("hmas_missing_objects", "Ended ingests whose bytes should be there and are not")
    missing.add_metric([], census.missing)
    yield missing
    yield _age("hmas_oldest_waiting_seconds", "Age of the longest waiting ingest", census.oldest_waiting_at, now)
    yield _age("hmas_oldest_undelivered_seconds", "Age of the oldest undelivered", census.oldest_undelivered_at, now)


def _age(name: str, meaning: str, since: datetime | None, now: datetime) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, meaning)
    gauge.add_metric([], (now - since).total_seconds() if since else 0.0)
    return gauge
