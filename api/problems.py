"""Problems: every fault as an RFC 9457 document with a stable code; it leaves which fault it is to `shared.errors`."""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from slowapi.errors import RateLimitExceeded
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.early import EarlyResponse
from api.requests import request_id
from shared import metrics
from shared.errors import BadQuery, BadRequest, IngestionError, MethodNotAllowed, NotFound, RateLimited

log = logging.getLogger(__name__)


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    type: str = Field(description="A URI reference that stays the same for this code")
    title: str
    status: int
    code: str = Field(description="Stable, for programs")
    detail: str = Field(description="What happened this time")
    remedy: str = Field(description="What to do next")
    instance: str = Field(description="The request's id, as in X-Request-ID and the logs")


class ProblemResponse(EarlyResponse, JSONResponse):
    """A problem, which may go out before the body has come."""

    media_type = "application/problem+json"


def problem(request: Request, fault: IngestionError, own: Mapping[str, Any] = MappingProxyType({})) -> ProblemResponse:
    """Return the answer to a fault; `own` are members of a protocol's own problem type, with its type and status."""
    document = {**document_of(fault, request_id(request)).model_dump(), **own}
    # The middleware adds the id to all other answers; an unforeseen fault is answered outside of it.
    headers = fault.headers | {"X-Request-ID": request_id(request)}
    return ProblemResponse(document, document["status"], headers=headers)


def document_of(fault: IngestionError, ident: str) -> Problem:
    """Return the document of a fault of the request with that id, counted and logged at its level."""
    metrics.refused.labels(fault.code).inc()
    log.log(fault.log_level, "%s: %s", fault.code, fault.detail, exc_info=fault.__cause__)
    return Problem(
        type=f"urn:hmas:problem:{fault.code}",
        title=fault.title,
        status=fault.status,
        code=fault.code,
        detail=fault.detail,
        remedy=fault.remedy,
        instance=f"urn:hmas:request:{ident}",
    )


def add_problems(app: FastAPI) -> None:
    """Make every fault that leaves a route a problem document."""
    app.add_exception_handler(IngestionError, _ours)
    app.add_exception_handler(RateLimitExceeded, _rate_limited)
    app.add_exception_handler(RequestValidationError, _bad_query)
    app.add_exception_handler(HTTPException, _of_starlette)
    app.add_exception_handler(Exception, _unforeseen)


async def _ours(request: Request, fault: Exception) -> Response:
    if not isinstance(fault, IngestionError):
        raise TypeError(fault)
    return problem(request, fault)


async def _rate_limited(request: Request, error: Exception) -> Response:
    """Take Retry-After from the limiter's own headers, which say when a slot is free."""
    response = problem(request, RateLimited(f"At most {getattr(error, 'detail', '')} for this caller."))
    limiter = request.app.state.limiter
    limited: Response = limiter._inject_headers(response, request.state.view_rate_limit)  # noqa: SLF001  (as slowapi's own)
    return limited


async def _bad_query(request: Request, error: Exception) -> Response:
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    return problem(request, BadQuery("; ".join(f"{e['loc'][-1]}: {e['msg']}" for e in errors)))


async def _of_starlette(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise TypeError(error)
    return problem(request, _http_fault(error))


async def _unforeseen(request: Request, error: Exception) -> Response:
    log.critical("unforeseen: %s", type(error).__name__, exc_info=error)
    return problem(request, IngestionError())


def _http_fault(error: HTTPException) -> IngestionError:
    match error.status_code:
        case 404:
            return NotFound()
        case 405:
            return MethodNotAllowed((error.headers or {}).get("Allow", ""))
        case _:
            return BadRequest(str(error.detail))
