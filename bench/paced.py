"""Many slow senders at once, a program of its own: each sends at its rate, and one thread serves them by turns.

It prints when each had sent its last byte and had its answer; it leaves judging them to whoever started it.
"""

import json
import os
import socket
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.wire import connected, head, response

EVERY_SECONDS = 0.05
"""How often each has its turn."""
SHORTEST_SLEEP_SECONDS = 0.001
SEND_BUFFER_BYTES = 64 * 1024
"""What lies here counts as sent, so it is little."""
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many send the file at the same time, and how fast; they begin one after the other within `ramp` seconds."""

    port: int
    path: str
    file: str
    senders: int
    bytes_a_second: float
    ramp: float = 1.0


@dataclass(slots=True)
class Times:
    """What became of one upload: seconds since it began, 0 where that has not come yet."""

    sent: float = 0.0
    answered: float = 0.0
    status: int = 0


@dataclass(slots=True)
class Sender:
    """One upload, which begins at a time of `time.monotonic()`."""

    crowd: Crowd
    begins: float
    size: int
    gone: int = 0
    times: Times = field(default_factory=Times)
    server: socket.socket | None = None

    def turn(self, file: int) -> None:
        """Send what is due by now, or look for the answer."""
        lived = time.monotonic() - self.begins
        if lived < 0 or self.times.answered:
            return
        self.server = self.server or self._begun()
        due = min(self.size, int(lived * self.crowd.bytes_a_second))
        with suppress(BlockingIOError):
            while self.gone < due:
                self.gone += os.sendfile(self.server.fileno(), file, self.gone, due - self.gone)
            if self.gone == self.size:
                self.times.sent = self.times.sent or lived
                self._answer(self.server)

    def _begun(self) -> socket.socket:
        server = connected(self.crowd.port)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        server.sendall(head("POST", self.crowd.path, self.size, {"Content-Type": "application/octet-stream"}))
        server.setblocking(False)  # noqa: FBT003  (the socket's own way)
        return server

    def _answer(self, server: socket.socket) -> None:
        server.recv(1, socket.MSG_PEEK)
        server.setblocking(True)  # noqa: FBT003  (the socket's own way)
        self.times.status, _, _ = response(server)
        self.times.answered = time.monotonic() - self.begins
        server.close()


def send_all(crowd: Crowd) -> list[Times]:
    """Let all of them send, each at its rate, and return what became of them."""
    size, now = Path(crowd.file).stat().st_size, time.monotonic()
    senders = [Sender(crowd, now + number * crowd.ramp / crowd.senders, size) for number in range(crowd.senders)]
    until = now + crowd.ramp + 2 * size / crowd.bytes_a_second + PATIENCE_SECONDS
    with Path(crowd.file).open("rb") as file:
        while waiting := [sender for sender in senders if not sender.times.answered]:
            if time.monotonic() > until:
                raise TimeoutError(f"{len(waiting)} of {len(senders)} uploads were not answered.")
            _round(waiting, file.fileno())
    return [sender.times for sender in senders]


def _round(senders: list[Sender], file: int) -> None:
    """Give each a turn, spread over the time that a round takes."""
    begun, share = time.monotonic(), EVERY_SECONDS / len(senders)
    for number, sender in enumerate(senders, 1):
        sender.turn(file)
        early = begun + number * share - time.monotonic()
        if early > SHORTEST_SLEEP_SECONDS:
            time.sleep(early)


if __name__ == "__main__":
    print(json.dumps([asdict(times) for times in send_all(Crowd(**json.loads(sys.argv[1])))]))
