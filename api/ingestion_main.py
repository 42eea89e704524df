"""The API as an app: settings in, FastAPI out; it leaves every route's work to its own module."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.fairness import Turns
from api.http_metrics import HttpMetrics
from api.limits import make_limiter
from api.pressure import Pressure, watch
from api.problems import add_problems
from api.requests import RequestLog
from api.routes import add_routes
from api.stopping import Stop, StopInOrder
from api.upload_headers import UploadHeaders
from shared.settings import Settings
from shared.wiring import open_services

DESCRIPTION = "Takes files in, keeps them, describes them, and hands them to Perception."


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the app; nothing is opened before its lifespan begins."""
    settings = settings or Settings()
    app = FastAPIOffline(
        title="HMAS Ingestion", description=DESCRIPTION, version="0.1.0", lifespan=_lifespan, redoc_url=None
    )
    app.state.settings = settings
    app.state.limiter = make_limiter(settings)
    app.state.stop = Stop()
    add_problems(app)
    add_routes(app, app.state.limiter, settings)
    app.add_middleware(HttpMetrics)
    app.add_middleware(StopInOrder, stop=app.state.stop)
    app.add_middleware(UploadHeaders, origins=settings.origins)
    app.add_middleware(RequestLog)
    if settings.proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.proxies))
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with open_services(app.state.settings) as services:
        app.state.services = services
        app.state.turns = Turns()
        app.state.pressure = Pressure(services.settings, services.catalog, services.store)
        await app.state.pressure.look()
        watching = asyncio.create_task(watch(app.state.pressure, app.state.turns))
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait({watching})
