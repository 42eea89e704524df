"""Memory does not grow with the file, in either tier."""

import os
import threading
import time
from pathlib import Path

import httpx

from tests.system.client import ended
from tests.system.test_faults import commands

SIZE = 512 << 20
API_LIMIT = 96 << 20
WORKER_LIMIT = 128 << 20


def rss(pid):
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (FileNotFoundError, ProcessLookupError):
        return 0


class Watch:
    """The highest memory of each process above what it had at the start, sampled."""

    def __init__(self, pids):
        self.idle = {pid: rss(pid) for pid in pids}
        self.growth = dict.fromkeys(pids, 0)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._stop.wait(0.005):
            for pid, idle in self.idle.items():
                self.growth[pid] = max(self.growth[pid], rss(pid) - idle)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


def test_half_a_gibibyte_through_both_tiers_takes_a_constant_budget(stack):
    piece = os.urandom(1 << 20)
    for _ in range(2):  # the first one warms imports, pools and arenas
        everything = commands(stack)
        with Watch(everything) as watch:
            body = (piece for _ in range(SIZE >> 20))
            answer = httpx.post(f"{stack.url}/ingest?filename=large.bin", content=body, timeout=120)
            assert answer.status_code == 202, answer.text
            full = ended(stack.url, answer.json()["id"], 60)
            assert full["state"] == "completed"
            download(full["links"]["content"])
    grown = {everything[pid]: growth for pid, growth in watch.growth.items()}
    api = [growth for command, growth in grown.items() if command.rstrip().endswith("-m api")]
    workers = [growth for command, growth in grown.items() if " worker " in command or "cage" in command]
    assert len(api) == 1
    assert len(workers) >= 1
    assert max(api) < API_LIMIT, grown
    assert max(workers) < WORKER_LIMIT, grown


def download(url):
    received, started = 0, time.monotonic()
    with httpx.stream("GET", url, timeout=60) as answer:
        for piece in answer.iter_bytes():
            received += len(piece)
    assert received == SIZE, time.monotonic() - started
