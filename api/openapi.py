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
    "APPEND",
    "CONTENT",
    "DELETE",
    "DELIVERIES",
    "EVENTS",
    "POST_INGEST",
    "POST_UPLOAD",
    "PREVIEW",
    "REDELIVER",
    "RELEASE",
    "REPLAY",
    "REPLAY_MANY",
    "SSE",
    "UPLOAD",
    "UPLOAD_OPTIONS",
    "PlainTextResponse",
    "answers",
]

_SAID = {
    400: "The request cannot be used as it is",
    403: "Not on a final upload",
    404: "No such thing, or another's",
    408: "The body stalled, or came too slowly",
    409: "Not in this state",
    410: "The bytes were deleted",
    412: "No version of an upload protocol that we speak",
    413: "Too large",
    415: "The policy does not admit what the first bytes show",
    416: "The range lies behind the end",
    422: "The digest does not match, or the Idempotency-Key belongs to another file",
    423: "Another request still writes to this upload, or has taken it over",
    429: "Too many requests from this caller",
    460: "The checksum does not match",
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
_OFFSET_BODY = {"content": {"application/offset+octet-stream": _BYTES, "application/partial-upload": _BYTES}}
POST_UPLOAD: dict[str, Any] = {
    "response_class": Response,
    "status_code": 201,
    "responses": {
        201: {
            "description": "Created; with all of its bytes it is received, and its receipt is at /ingest/{id}",
            "headers": {"Location": _header("The upload's URL", "https://host/uploads/0193…")},
        },
        202: {"description": "IETF: complete, with its receipt", "model": Receipt},
        **problems(400, 408, 412, 413, 415, 422, 460, 503, 507),
    },
    "openapi_extra": {
        "parameters": [
            _parameter("header", "Tus-Resumable", "The version of tus", "1.0.0"),
            _parameter(
                "header", "Upload-Draft-Interop-Version", "The version of the IETF's draft, in place of tus", "9"
            ),
            _parameter("header", "Upload-Complete", "IETF: whether the body is the whole file", "?1"),
            _parameter("header", "Upload-Length", "Bytes of the whole", "1048576"),
            _parameter("header", "Upload-Defer-Length", "In its place: the length is said later", "1"),
            _parameter("header", "Upload-Metadata", "Keys and Base64: filename, filetype, labels", "filename YS5tcDQ="),
            _parameter("header", "Upload-Concat", "A part, or the whole made of parts", "partial"),
            _parameter("header", "Idempotency-Key", "A repeat gives the first upload", "order-66"),
        ],
        "requestBody": _OFFSET_BODY,
    },
}
UPLOAD: dict[str, Any] = {
    "response_class": Response,
    "status_code": 204,
    "responses": {
        204: {
            "description": "Appended, or ended",
            "headers": {"Upload-Offset": _header("Bytes that are durable", "1048576")},
        },
        **problems(400, 403, 404, 408, 409, 410, 412, 413, 415, 422, 423, 460, 503, 507),
    },
}
APPEND = UPLOAD | {"openapi_extra": {"requestBody": _OFFSET_BODY}}
UPLOAD_OPTIONS: dict[str, Any] = {
    "response_class": Response,
    "responses": {200: {"description": "What both protocols admit, in headers"}},
}
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
