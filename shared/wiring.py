"""Settings to services: the only module that knows which parts are real; it leaves using them to the tiers."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.adapters.celery_queue import CeleryQueue
from shared.adapters.celery_sink import CelerySink
from shared.adapters.disk_presence import DiskPresence
from shared.adapters.disk_store import DiskStore
from shared.adapters.resting_sink import RestingSink
from shared.adapters.sql_catalog import SqlCatalog
from shared.adapters.stream_sink import StreamSink
from shared.adapters.webhook_sink import WebhookSink
from shared.policy import Policy
from shared.ports import Catalog, ObjectStore, PerceptionSink, Presence, TaskQueue
from shared.quarantine import Quarantine
from shared.settings import Settings


@dataclass(frozen=True)
class Services:
    """What a tier works with."""

    settings: Settings
    policy: Policy
    quarantine: Quarantine
    store: ObjectStore
    catalog: Catalog
    queue: TaskQueue
    presence: Presence
    sinks: dict[str, PerceptionSink]
    """By name."""


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open all parts, lend them, and close them in the other order."""
    async with AsyncExitStack() as stack:
        store = stack.enter_context(closing(disk_store(settings)))
        store.open()
        queue = stack.enter_context(closing(CeleryQueue(settings.redis_url, settings.large_bytes)))
        queue.open()
        sinks: dict[str, PerceptionSink] = {}
        for url in settings.sinks:
            sink = await stack.enter_async_context(aclosing(sink_from_url(url, settings)))
            sinks[sink.name] = RestingSink(sink)
        catalog = await stack.enter_async_context(open_catalog(settings, tuple(sinks)))
        policy = Policy.of(settings.max_upload_bytes, settings.type_patterns, settings.polyglots)
        quarantine = Quarantine.of(settings.quarantine)
        presence = DiskPresence(settings.data_dir / "workers")
        yield Services(settings, policy, quarantine, store, catalog, queue, presence, sinks)


@asynccontextmanager
async def open_catalog(settings: Settings, sinks: tuple[str, ...] = ()) -> AsyncIterator[Catalog]:
    """Open the catalog alone, for those who only count."""
    async with SqlCatalog.open(settings.catalog_url, sinks, durable=settings.durable) as catalog:
        yield catalog


def disk_store(settings: Settings) -> DiskStore:
    """Return the object store, which is not open yet."""
    return DiskStore(settings.data_dir, min_free_bytes=settings.min_free_bytes, durable=settings.durable)


def sink_from_url(url: str, settings: Settings) -> CelerySink | StreamSink | WebhookSink:
    """Return the sink that a URL of PERCEPTION_SINKS names. Raise ValueError where it names none."""
    scheme, _, rest = url.partition(":")
    timeout = settings.delivery_timeout_seconds
    match scheme:
        case "celery" if rest:
            return CelerySink(settings.redis_url, rest, timeout)
        case "redis-stream" if rest:
            return StreamSink(settings.redis_url, rest, timeout)
        case "http" | "https" if urlsplit(url).hostname:
            return WebhookSink(url, settings.webhook_secret, timeout, allow_private=settings.webhook_allow_private)
        case _:
            raise ValueError(
                f"PERCEPTION_SINKS: '{scheme}:' names no sink; use celery:QUEUE, redis-stream:KEY or https://…"
            )
