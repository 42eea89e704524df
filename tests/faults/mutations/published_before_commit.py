"""An event is handed to Perception before the commit of the end that it tells of."""

from contextlib import asynccontextmanager
from types import ModuleType


def publish_first(module: ModuleType) -> None:
    """Let the catalog's save begin with the sinks."""
    opened = module.open_services

    @asynccontextmanager
    async def open_services(*given):
        async with opened(*given) as services:
            save = services.catalog.save

            async def publish_and_save(before, after, event=None, detail=None):
                for sink in services.sinks.values() if event else ():
                    await sink.deliver(event)
                return await save(before, after, event, detail)

            services.catalog.save = publish_and_save
            yield services

    module.open_services = open_services


PATCHES = {"shared.wiring": publish_first}
