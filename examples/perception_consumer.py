"""A consumer of ingest events to copy: takes each event once and checks its file; what to do with it is left to you.

    python examples/perception_consumer.py celery    # a Celery worker for PERCEPTION_SINKS=celery:perception
    python examples/perception_consumer.py stream    # a group reader for PERCEPTION_SINKS=redis-stream:hmas.events

It needs `celery[redis]` alone. Events come at least once and always with the same id, so it remembers the ids it took.
What waits in Redis is lost with Redis, so it also follows the service's event log, which is complete (INGESTION_URL).
"""

import hashlib
import json
import logging
import os
import socket
import sqlite3
import sys
import threading
import time
from contextlib import closing, suppress
from datetime import datetime
from io import BufferedIOBase
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname, urlopen

from celery import Celery
from redis import Redis
from redis.exceptions import RedisError, ResponseError

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
FOLDER = Path(os.environ.get("DATA_DIR", "data")) / "perception"
SEEN_DB = Path(os.environ.get("SEEN_DB", FOLDER / "seen.db"))
PERCEPTION_LOG = Path(os.environ.get("PERCEPTION_LOG", FOLDER / "events.jsonl"))
CLAIM_SECONDS = float(os.environ.get("CLAIM_SECONDS", "300"))
"""After this time an event that a dead consumer held comes again: choose more than your longest work takes."""
INGESTION_URL = os.environ.get("INGESTION_URL", "")
CATCH_UP_SECONDS = float(os.environ.get("CATCH_UP_SECONDS", "10"))
"""How old an event is before we stop waiting for it to come through Redis."""

QUEUE, STREAM, GROUP = "perception", "hmas.events", "perception"
CONSUMER = f"{socket.gethostname()}-{os.getpid()}"

log = logging.getLogger("perception")


def take(event: dict[str, Any]) -> None:
    """Work on the event unless it was taken before. Raise where the work failed: the event will come again."""
    received_at = time.time()
    with closing(open_seen()) as seen, seen:
        # The id is kept if, and only if, the work succeeds: store your own results in this transaction as well.
        # It holds SQLite's one write lock, so consumers that share the file take turns; a server's database lets
        # them work side by side.
        new = seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", [event["id"]]).rowcount == 1
        digest_ok = check(event["data"]["file"]) if new and event["type"].endswith(".completed.v1") else None
        record = {"received_at": received_at, "event": event, "digest_ok": digest_ok, "duplicate": not new}
        with PERCEPTION_LOG.open("a") as lines:
            lines.write(json.dumps(record) + "\n")
    log.info("%s %s digest_ok=%s duplicate=%s", event["type"], event["subject"], digest_ok, not new)


def open_seen() -> sqlite3.Connection:
    """Open what we remember: the ids that were taken, and how far the event log was followed."""
    seen = sqlite3.connect(SEEN_DB, timeout=CLAIM_SECONDS)
    seen.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY) WITHOUT ROWID")
    seen.execute("CREATE TABLE IF NOT EXISTS followed (sequence INTEGER)")
    return seen


def catch_up() -> None:
    """Take every few seconds what did not come through Redis, for ever."""
    while True:
        time.sleep(CATCH_UP_SECONDS / 2)
        try:
            while follow():
                pass
        except Exception:
            log.exception("Catching up stopped and starts again")


def follow() -> bool:
    """Take missing events of the log's next page; return whether there may be more."""
    with closing(open_seen()) as seen:
        after = seen.execute("SELECT coalesce(max(sequence), 0) FROM followed").fetchone()[0]
        with urlopen(f"{INGESTION_URL}/events?after={after}", timeout=30) as page:  # noqa: S310  (the service's own URL)
            events = json.load(page)
        old = [event for event in events if age(event) > CATCH_UP_SECONDS]
        for event in old:
            if not seen.execute("SELECT 1 FROM seen WHERE id = ?", [event["id"]]).fetchone():
                take(event)
        if old:
            with seen:
                seen.execute("DELETE FROM followed")
                seen.execute("INSERT INTO followed VALUES (?)", [int(old[-1]["sequence"])])
        return bool(old) and len(old) == len(events)


def age(event: dict[str, Any]) -> float:
    """Return how long ago the event happened, in seconds."""
    return time.time() - datetime.fromisoformat(event["time"]).timestamp()


def check(file: dict[str, Any]) -> bool:
    """Read the file's bytes, here or over HTTP, and return whether they are those that were received."""
    with opened(file) as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == str(file["sha256"])


def opened(file: dict[str, Any]) -> BufferedIOBase:
    """Open the file where we share its store, else fetch it."""
    uri = urlsplit(file["uri"])
    path = Path(url2pathname(uri.path))
    if uri.scheme == "file" and path.is_file():
        return path.open("rb")
    response: BufferedIOBase = urlopen(file["content_url"], timeout=30)  # noqa: S310  (the service's own URL)
    return response


app = Celery("perception", broker=REDIS_URL)
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_send_task_events=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": CLAIM_SECONDS,
        # Without these it takes ten times as long until an event comes again.
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    },
)


@app.task(
    name="perception.ingested", autoretry_for=(Exception,), retry_backoff=True, retry_backoff_max=30, max_retries=None
)
def ingested(event: dict[str, Any]) -> None:
    """Take one event. Where that fails it is tried again, at growing intervals."""
    take(event)


def run_celery() -> None:
    """Work until SIGTERM. `solo` needs no child process and has the least latency; use prefork for heavy work."""
    worker = app.Worker(
        pool="solo",
        queues=[QUEUE],
        hostname=f"perception@{CONSUMER}",
        loglevel="INFO",
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    if worker.exitcode:
        # Kombu 5.7 can fail to reconnect where Redis restarts just as an event is acknowledged: start afresh.
        time.sleep(1)
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606  (ourselves)


def run_stream() -> None:
    """Work until SIGTERM, through outages of Redis and flushes of the stream."""
    redis = Redis.from_url(REDIS_URL, decode_responses=True, socket_timeout=10)
    while True:
        try:
            read(redis)
        except RedisError as error:
            log.warning("Reading stopped and starts again: %s", error)
            time.sleep(1)


def read(redis: Redis) -> None:
    """Take new entries as they come, and those that a dead consumer left. An entry whose work failed stays."""
    with suppress(ResponseError):  # the group exists
        redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    while True:
        left = redis.xautoclaim(STREAM, GROUP, CONSUMER, min_idle_time=int(CLAIM_SECONDS * 1000))
        new = redis.xreadgroup(GROUP, CONSUMER, {STREAM: ">"}, count=10, block=1000)
        for entry_id, fields in [*cast("Any", left)[1], *(entry for _, found in cast("Any", new) for entry in found)]:
            try:
                take(json.loads(fields["event"]))
            except Exception:
                log.exception("The work on entry %s failed; it will come again", entry_id)
            else:
                redis.xack(STREAM, GROUP, entry_id)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if INGESTION_URL:
        threading.Thread(target=catch_up, daemon=True).start()
    {"celery": run_celery, "stream": run_stream}[sys.argv[1]]()
