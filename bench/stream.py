"""Senders in a closed loop, a program of its own: each upload waits for room among those that have not ended yet.

It follows the events for that, and prints what it counted; it leaves the servers' cost to whoever started it.
"""

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench.client import Order, exchange
from bench.wire import ACCEPTED, HOST, TIMEOUT_SECONDS, connected

PAGE = 500
POLL_SECONDS = 0.1
DRAIN_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send by turns, over how many connections, how long, with how many at most between receipt and end."""

    orders: list[Order]
    connections: int
    seconds: float
    waiting: int


@dataclass(slots=True)
class Count:
    """What became of the uploads: when each ended after its receipt, in seconds."""

    accepted: int = 0
    ended_in_time: int = 0
    ends: dict[str, int] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)


class Stream:
    """The senders and the follower of one run."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._count = plan, Count()
        self._room, self._lock = threading.Semaphore(plan.waiting), threading.Lock()
        self._until = time.monotonic() + plan.seconds

    def run(self) -> Count:
        """Send until the time is over, and follow until all have ended."""
        after = _last_sequence(self._plan.orders[0].port)
        senders = [threading.Thread(target=self._send) for _ in range(self._plan.connections)]
        for sender in senders:
            sender.start()
        self._follow(after, senders)
        return self._count

    def _send(self) -> None:
        with ExitStack() as opened:
            server = opened.enter_context(connected(self._plan.orders[0].port))
            files = [(order, opened.enter_context(Path(order.file).open("rb"))) for order in self._plan.orders]
            for order, file in cycle(files):
                if not self._may_send():
                    return
                answer = exchange(server, file, Path(order.file).stat().st_size, order)
                if answer.status != ACCEPTED:
                    raise ConnectionError(f"{order.path} answered {answer.status}: {answer.body}")
                with self._lock:
                    self._count.accepted += 1

    def _may_send(self) -> bool:
        while (left := self._until - time.monotonic()) > 0:
            if self._room.acquire(timeout=left):
                return True
        return False

    def _follow(self, after: int, senders: list[threading.Thread]) -> None:
        drained = self._until + DRAIN_SECONDS
        while len(self._count.waits) < self._count.accepted or any(sender.is_alive() for sender in senders):
            if time.monotonic() > drained:
                return
            for event in _events(self._plan.orders[0].port, after):
                after = int(event["sequence"])
                self._note(event)
            time.sleep(POLL_SECONDS)

    def _note(self, event: dict[str, Any]) -> None:
        end = event["type"].split(".")[2]
        timing = event["data"]["timing"]
        received, ended = (datetime.fromisoformat(timing[name]) for name in ("received_at", "completed_at"))
        self._count.ends[end] = self._count.ends.get(end, 0) + 1
        self._count.waits.append((ended - received).total_seconds())
        self._count.ended_in_time += time.monotonic() < self._until
        self._room.release()


def _events(port: int, after: int) -> list[dict[str, Any]]:
    with urlopen(f"http://{HOST}:{port}/events?after={after}&limit={PAGE}", timeout=TIMEOUT_SECONDS) as answer:
        events: list[dict[str, Any]] = json.load(answer)
    return events


def _last_sequence(port: int) -> int:
    def pages(after: int = 0) -> Iterator[int]:
        while events := _events(port, after):
            after = int(events[-1]["sequence"])
            yield after

    return max(pages(), default=0)


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    plan = Plan(**given | {"orders": [Order(**order) for order in given["orders"]]})
    print(json.dumps(asdict(Stream(plan).run())))
