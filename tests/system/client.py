"""What the system tests do over HTTP and in the consumer's log; it imports nothing of the project."""

import json
import time
from pathlib import Path

import httpx

FINAL = {"completed", "rejected", "failed", "aborted", "expired", "deleted"}


def eventually(find, seconds=30):
    """Return the first true thing that `find` returns, or its last false one."""
    deadline = time.monotonic() + seconds
    while not (found := find()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def send(url, name, content, **headers):
    """Send a raw body; return the receipt."""
    answer = httpx.post(f"{url}/ingest", params={"filename": name}, content=content, headers=headers, timeout=60)
    assert answer.status_code == 202, answer.text
    return answer.json()


def ended(url, ingest_id, seconds=30):
    """Wait for the final state; return the full receipt."""

    def final():
        full = httpx.get(f"{url}/ingest/{ingest_id}", timeout=30).raise_for_status().json()
        return full if full["state"] in FINAL else None

    full = eventually(final, seconds)
    assert full, httpx.get(f"{url}/ingest/{ingest_id}").text
    return full


def previewed(url, ingest_id, seconds=30):
    """Wait until it is known what became of the preview of a completed ingest; return that."""

    def known():
        preview = httpx.get(f"{url}/ingest/{ingest_id}", timeout=30).raise_for_status().json()["preview"]
        return preview if preview != "wanted" else None

    preview = eventually(known, seconds)
    assert preview, httpx.get(f"{url}/ingest/{ingest_id}").text
    return preview


def taken(log: Path, ingest_id):
    """Return what the consumer took for the ingest, in order."""
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    entries = [json.loads(line) for line in lines if line.endswith("\n")]
    return [entry for entry in entries if entry["event"]["subject"] == ingest_id]


def told(log: Path, ingest_id, seconds=30):
    """Wait until the consumer has taken an event of the ingest; return all that it took."""
    found = eventually(lambda: taken(log, ingest_id), seconds)
    assert found, log.read_text() if log.exists() else "nothing was taken"
    return found
