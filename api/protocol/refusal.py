"""The whole answer to a request that reaches no route; it leaves sending it to the protocol."""

from http import HTTPStatus

from api.problems import document_of
from shared.errors import IngestionError
from shared.ids import new_id


def refusal(fault: IngestionError) -> bytes:
    """Return head and problem document, after which the connection ends."""
    ident = new_id()
    body = document_of(fault, ident).model_dump_json().encode()
    head = (
        f"HTTP/1.1 {fault.status} {HTTPStatus(fault.status).phrase}",
        "content-type: application/problem+json",
        f"content-length: {len(body)}",
        f"x-request-id: {ident}",
        "connection: close",
        "",
        "",
    )
    return "\r\n".join(head).encode() + body
