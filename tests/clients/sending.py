"""How tests send what no client would: a part of a body, and the rest as clients do after a conflict."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.conformance.server import APPEND, SECONDS, Server

ROUNDS = 3


@contextmanager
def sending(
    server: Server, upload: str, content: bytes, *, at: int = 0, size: int, **headers: str
) -> Iterator[socket.socket]:
    """Declare a body of `size` bytes, send the content, and lend the connection; hang up at the end."""
    declared = {"content_type": APPEND, "content_length": size, "upload_offset": at}
    with server.connection(upload, "PATCH", **declared | headers) as connection:
        connection.sendall(content)
        yield connection


def status_on(connection: socket.socket) -> int:
    """Wait for the answer, and return its status; the server may go on to listen for what is under way."""
    return int(connection.recv(65536).split(b" ")[1])


def finished(server: Server, upload: str, content: bytes) -> None:
    """Send what is still missing of the content; after a conflict, ask again, as clients do."""
    for _ in range(ROUNDS):
        at = server.offset(upload)
        if at == len(content) or server.patch(upload, at, content[at:]).expect(204, 409).status == 204:
            return
    raise AssertionError(f"Each time another offset; the last one was {at}")


def taken_over(server: Server, upload: str) -> int:
    """Take an upload over from whoever appends to it, and return where it stands then."""
    answer = server.patch(upload, server.offset(upload)).expect(204, 409)
    return int(answer.headers["upload-offset"])


def grown(server: Server, upload: str, least: int) -> int:
    """Wait until an upload stands there or further, and return where."""
    until = time.monotonic() + SECONDS
    while (at := server.offset(upload)) < least:
        assert time.monotonic() < until, at
        time.sleep(0.01)
    return at


def moved(upload: str, url: str) -> str:
    """Return the URL of the upload at another server."""
    return f"{url}/uploads/{upload.rsplit('/', 1)[1]}"
