"""Just enough HTTP/1.1 over plain sockets for the benchmark's clients; it leaves what is sent, and when, to them."""

import socket
from collections.abc import Mapping

HOST = "127.0.0.1"
TIMEOUT_SECONDS = 300
ONE_SEND_BYTES = 64 * 1024
"""A body up to this size goes out with its head in one call; a larger one by sendfile."""
LAST_CHUNK = b"0\r\n\r\n"
CREATED, ACCEPTED, NO_CONTENT = 201, 202, 204


def connected(port: int) -> socket.socket:
    """Return a connection that sends at once."""
    server = socket.create_connection((HOST, port), TIMEOUT_SECONDS)
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return server


def head(method: str, path: str, length: int, fields: Mapping[str, str] | None = None) -> bytes:
    """Return the head of a request."""
    all_fields = {"Host": HOST, "Content-Length": str(length), **(fields or {})}
    lines = (f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in all_fields.items()))
    return "\r\n".join((*lines, "", "")).encode()


def response(server: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Return the status, the fields under their names in lower case, and the body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _received(server)
    start, _, body = data.partition(b"\r\n\r\n")
    status_line, *lines = start.decode("latin-1").split("\r\n")
    status = int(status_line.split(maxsplit=2)[1])
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if fields.get("transfer-encoding") == "chunked":
        while not body.endswith(LAST_CHUNK):
            body += _received(server)
        return status, fields, b""
    length = _length(status, fields)
    while len(body) < length:
        body += _received(server)
    return status, fields, body


def _length(status: int, fields: Mapping[str, str]) -> int:
    if status == NO_CONTENT:
        return 0
    if "content-length" not in fields:
        raise ConnectionError(f"An answer without Content-Length: {status} {fields}")
    return int(fields["content-length"])


def _received(server: socket.socket) -> bytes:
    data = server.recv(ONE_SEND_BYTES)
    if not data:
        raise ConnectionError("The server closed the connection before its answer.")
    return data
