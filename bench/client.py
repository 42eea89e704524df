"""The one client for all servers, a program of its own: sends a file so many times, and prints what came back.

It leaves judging the answers to whoever started it.
"""

import json
import random
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal
from urllib.parse import urlsplit
from uuid import uuid4

from bench.wire import ONE_SEND_BYTES, connected, head, response

BOUNDARY = "e47e6dd6d1c94b0c8d3a"
OPENING = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="video.mp4"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
).encode()
CLOSING = f"\r\n--{BOUNDARY}--\r\n".encode()
TUS = {"Tus-Resumable": "1.0.0"}
FILENAME = "filename dmlkZW8ubXA0"
"""As tus metadata: video.mp4."""

Framing = Literal["raw", "multipart", "put", "tus"]
"""How a file is handed in: POST with it as the body or in a form, PUT under a name of its own, or tus in one PATCH."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to send, and how."""

    port: int
    path: str
    file: str
    framing: Framing = "raw"
    count: int = 1
    concurrency: int = 1
    pause: float = 0.0
    """Seconds between two uploads, at least; half as long again at most, so that they don't fall into step."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One upload's times, by the clock of `time.time()`, and what the server said."""

    begun_at: float
    sent_at: float
    answered_at: float
    status: int
    body: dict[str, Any] = field(default_factory=dict)


def send_all(order: Order) -> list[Answer]:
    """Send the file `count` times over `concurrency` connections."""
    with ThreadPoolExecutor(order.concurrency) as pool:
        shares = [range(first, order.count, order.concurrency) for first in range(order.concurrency)]
        return [answer for answers in pool.map(lambda share: list(_send(order, share)), shares) for answer in answers]


def _send(order: Order, share: range) -> Iterator[Answer]:
    with Path(order.file).open("rb") as file, connected(order.port) as server:
        size = Path(order.file).stat().st_size
        for _ in share:
            yield exchange(server, file, size, order)
            time.sleep(random.uniform(order.pause, 1.5 * order.pause))


def exchange(server: socket.socket, file: BinaryIO, size: int, order: Order) -> Answer:
    """Send the file once over a connection, and wait for the answer."""
    begun_at = time.time()
    opening, closing = _around(server, size, order)
    if size <= ONE_SEND_BYTES:
        file.seek(0)
        server.sendall(opening + file.read() + closing)
    else:
        server.sendall(opening)
        server.sendfile(file, 0)
        server.sendall(closing)
    sent_at = time.time()
    status, _, body = response(server)
    return Answer(begun_at, sent_at, time.time(), status, json.loads(body or b"{}"))


def _around(server: socket.socket, size: int, order: Order) -> tuple[bytes, bytes]:
    """Return what goes before and after the file. With tus it first creates the upload."""
    match order.framing:
        case "raw":
            return head("POST", order.path, size, {"Content-Type": "application/octet-stream"}), b""
        case "multipart":
            kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
            return head("POST", order.path, len(OPENING) + size + len(CLOSING), kind) + OPENING, CLOSING
        case "put":
            return head("PUT", f"{order.path}{uuid4().hex}", size), b""
        case "tus":
            kind = {"Content-Type": "application/offset+octet-stream"}
            return head("PATCH", _created(server, size, order), size, TUS | kind | {"Upload-Offset": "0"}), b""


def _created(server: socket.socket, size: int, order: Order) -> str:
    """Create an upload by tus, and return its path. https://tus.io/protocols/resumable-upload#creation."""
    server.sendall(head("POST", order.path, 0, TUS | {"Upload-Length": str(size), "Upload-Metadata": FILENAME}))
    status, fields, _ = response(server)
    if "location" not in fields:
        raise ConnectionError(f"{order.path} created no upload: {status}")
    return urlsplit(fields["location"]).path


if __name__ == "__main__":
    print(json.dumps([asdict(answer) for answer in send_all(Order(**json.loads(sys.argv[1])))]))
