"""The one client for all servers, a program of its own: sends a file so many times, and prints what came back.

It speaks just enough HTTP/1.1 over plain sockets, and leaves judging the answers to whoever started it.
"""

import json
import random
import re
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

HOST = "127.0.0.1"
TIMEOUT_SECONDS = 300
ONE_SEND_BYTES = 64 * 1024
"""A body up to this size goes out with its head in one call; a larger one by sendfile."""
BOUNDARY = "e47e6dd6d1c94b0c8d3a"
OPENING = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="video.mp4"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
).encode()
CLOSING = f"\r\n--{BOUNDARY}--\r\n".encode()


@dataclass(frozen=True, slots=True)
class Order:
    """What to send, and how."""

    port: int
    path: str
    file: str
    multipart: bool
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
    body: dict[str, Any]


def send_all(order: Order) -> list[Answer]:
    """Send the file `count` times over `concurrency` connections."""
    with ThreadPoolExecutor(order.concurrency) as pool:
        shares = [range(first, order.count, order.concurrency) for first in range(order.concurrency)]
        return [answer for answers in pool.map(lambda share: list(_send(order, share)), shares) for answer in answers]


def _send(order: Order, share: range) -> Iterator[Answer]:
    with Path(order.file).open("rb") as file, socket.create_connection((HOST, order.port), TIMEOUT_SECONDS) as server:
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        size = Path(order.file).stat().st_size
        for _ in share:
            yield exchange(server, file, size, order)
            time.sleep(random.uniform(order.pause, 1.5 * order.pause))


def exchange(server: socket.socket, file: BinaryIO, size: int, order: Order) -> Answer:
    """Send the file once over a connection, and wait for the answer."""
    opening, closing = (OPENING, CLOSING) if order.multipart else (b"", b"")
    opening = _head(order, len(opening) + size + len(closing)) + opening
    begun_at = time.time()
    if size <= ONE_SEND_BYTES:
        file.seek(0)
        server.sendall(opening + file.read() + closing)
    else:
        server.sendall(opening)
        server.sendfile(file, 0)
        server.sendall(closing)
    sent_at = time.time()
    status, body = _answer(server)
    return Answer(begun_at, sent_at, time.time(), status, json.loads(body))


def _head(order: Order, length: int) -> bytes:
    kind = f"multipart/form-data; boundary={BOUNDARY}" if order.multipart else "application/octet-stream"
    head = (f"POST {order.path} HTTP/1.1", f"Host: {HOST}", f"Content-Type: {kind}", f"Content-Length: {length}")
    return "\r\n".join((*head, "", "")).encode()


def _answer(server: socket.socket) -> tuple[int, bytes]:
    """Return the status and the body of an answer that has a Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _received(server)
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    if length is None:
        raise ConnectionError(f"An answer without Content-Length: {head!r}")
    while len(body) < int(length[1]):
        body += _received(server)
    return int(head.split(maxsplit=2)[1]), body


def _received(server: socket.socket) -> bytes:
    data = server.recv(ONE_SEND_BYTES)
    if not data:
        raise ConnectionError("The server closed the connection before its answer.")
    return data


if __name__ == "__main__":
    print(json.dumps([asdict(answer) for answer in send_all(Order(**json.loads(sys.argv[1])))]))
