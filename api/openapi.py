"""What OpenAPI says where FastAPI cannot tell by itself: streamed bodies, problems and examples.

It leaves the rest to the handlers' signatures and docstrings.
"""

from typing import Any

from pydantic import BaseModel
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from api.operating import Redelivered, Replayed, UndeliveredPage
from api.problems import Problem
from shared.events import Event
from shared.receipt import Receipt

__all__ = [
    "CONTENT",
    "DELETE",
    "DELIVERIES",
    "EVENTS",
    "POST_INGEST",
    "PREVIEW",
    "REDELIVER",
    "RELEASE",
    "REPLAY",
    "REPLAY_MANY",
    "SSE",
    "PlainTextResponse",
    "answers",
]

_SAID = {
    400: "The request cannot be used as it is",
    404: "No such thing, or another's",
    408: "The body stalled",
    409: "Not in this state",
    410: "The bytes were deleted",
    413: "Too large",
    415: "The policy does not admit what the first bytes show",
    416: "The range lies behind the end",
    422: "The digest does not match, or the Idempotency-Key belongs to another file",
    429: "Too many requests from this caller",
    503: "A part that we need does not answer",
    507: "No room on the disk",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the answers that are problem documents."""
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    return {status: {"description": _SAID[status], "content": content} for status in (*statuses, 429)}


def answers(model: type[BaseModel], *statuses: int, status: int = 200) -> dict[str, Any]:
    """Return what a route with a JSON answer says of itself."""
    return {"response_model": model, "status_code": status, "responses": problems(*statuses, 503)}


def _header(description: str, example: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}, "example": example}


def _parameter(place: str, name: str, description: str, example: str) -> dict[str, Any]:
    return {"in": place, "name": name, "required": False, **_header(description, example)}


_FILE_PART = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "labels": {"type": "string", "description": "A JSON object of strings", "example": '{"camera": "door"}'},
    },
}

POST_INGEST: dict[str, Any] = {
    **answers(Receipt, 400, 408, 413, 415, 422, 507, status=202),
    "openapi_extra": {
        "parameters": [
            _parameter("query", "filename", "The name of a raw body", "notes.txt"),
            _parameter("query", "labels", "Labels of a raw body: a JSON object of strings", '{"camera": "door"}'),
            _parameter("header", "Idempotency-Key", "A repeat gives the first receipt", "order-66"),
            _parameter(
                "header",
                "Repr-Digest",
                "SHA-256 of the file (RFC 9530); checked before the file is accepted",
                "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
            ),
            _parameter("header", "Content-Disposition", "Names a raw body", 'attachment; filename="notes.txt"'),
        ],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": _FILE_PART},
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
                "*/*": {"schema": {"type": "string", "format": "binary"}},
            },
        },
    },
}
_BYTES = {"schema": {"type": "string", "format": "binary"}}
CONTENT: dict[str, Any] = {
    "response_class": StreamingResponse,
    "responses": {
        200: {"description": "The bytes", "content": {"*/*": _BYTES}},
        206: {"description": "The range", "content": {"*/*": _BYTES}},
        304: {"description": "Unchanged (If-None-Match)"},
        **problems(404, 409, 410, 416, 503),
    },
}
PREVIEW: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        200: {"description": "A picture of at most 512 by 512 pixels", "content": {"image/webp": _BYTES}},
        304: {"description": "Unchanged (If-None-Match)"},
        **problems(404, 409, 410, 503),
    },
}
SSE: dict[str, Any] = {
    "response_class": StreamingResponse,
    "responses": {
        200: {"description": "One `move` event for each move", "content": {"text/event-stream": {}}},
        **problems(404, 503),
    },
}
REPLAY = answers(Receipt, 404, 409, status=202)
REPLAY_MANY = answers(Replayed, 400, status=202)
REPLAY_MANY["responses"][200] = {"description": "What a `dry_run` found", "model": Replayed}
DELIVERIES = answers(UndeliveredPage, 400)
REDELIVER = answers(Redelivered, 400, status=202)
RELEASE = answers(Receipt, 404, 409, 410, status=202)
DELETE: dict[str, Any] = {"status_code": 204, "response_model": None, "responses": problems(404, 409, 503)}


class EventBatch(StreamingResponse):
    """Names the media type of a batch of CloudEvents, for the document alone."""

    media_type = "application/cloudevents-batch+json"


EVENTS: dict[str, Any] = {
    "response_class": EventBatch,
    "responses": {200: {"description": "CloudEvents, in order", "model": list[Event]}, **problems(400, 503)},
}
