"""Watching: alive, ready, metrics and the event's schema; it leaves alarms to Prometheus."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.context import pressure_of, services_of
from api.stopping import Stop
from shared.errors import IngestionError, Stopping
from shared.events import Event

CHECK_SECONDS = 3.0
Check = Callable[[], Awaitable[str | None]]


class Part(BaseModel):
    """One part that we need, and how it is."""

    ok: bool
    detail: str
    ms: float


class Readiness(BaseModel):
    """Whether the work can be done."""

    ready: bool
    parts: dict[str, Part]


async def get_health(request: Request) -> Response:
    """Say that the process is alive; nothing else is asked."""
    return JSONResponse({"status": "alive"})


async def get_ready(request: Request) -> Response:
    """Say whether the work can be done: process, Redis, catalog, disk, backlog, each by name. 503 where one cannot."""
    services, pressure, stop = services_of(request), pressure_of(request), request.app.state.stop
    checks: dict[str, Check] = {
        "process": lambda: _staying(stop),
        "redis": services.queue.ping,
        "catalog": services.catalog.ping,
        "disk": pressure.look_at_disk,
        "backlog": pressure.look_at_backlog,
    }
    parts = dict(zip(checks, await asyncio.gather(*map(_checked, checks.values())), strict=True))
    readiness = Readiness(ready=all(part.ok for part in parts.values()), parts=parts)
    return JSONResponse(readiness.model_dump(), 200 if readiness.ready else 503)


async def get_metrics(request: Request) -> Response:
    """Give the API's metrics in Prometheus' text format."""
    return Response(generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def get_event_schema(request: Request) -> Response:
    """Give the JSON Schema of our CloudEvents, which their `dataschema` names."""
    return JSONResponse(Event.model_json_schema(), media_type="application/schema+json")


async def _checked(check: Check) -> Part:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            ok, detail = True, await check() or "ok"
    except IngestionError as fault:
        ok, detail = False, fault.detail
    except TimeoutError:
        ok, detail = False, f"No answer within {CHECK_SECONDS:g} s."
    return Part(ok=ok, detail=detail, ms=round((time.perf_counter() - started) * 1000, 1))


async def _staying(stop: Stop) -> None:
    if stop.begun:
        raise Stopping
