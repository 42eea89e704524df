"""Sound evidence of a small world, made by hand: one upload of each sort, all promises kept; tests corrupt it."""

import hashlib
from typing import Any

from tests.faults.evidence import Evidence, Row

WEBHOOK = "http://127.0.0.1:1/first"
SINKS = (WEBHOOK, "redis-stream:hmas.events", "celery:perception")
METADATA = {"kind": "image", "width": 3, "frames": [1, 2]}
PREVIEW = b"a preview"

COMPLETED = ("receiving", "received", "processing", "completed")
REJECTED = ("receiving", "received", "processing", "rejected")
PATHS = {
    "picture": COMPLETED,
    "text": COMPLETED,
    "away": REJECTED,
    "dropped": REJECTED,
    "replayed": ("receiving", "received", "processing", "failed", "received", "processing", "completed"),
    "retaken": ("receiving", "received", "processing", "received", "processing", "completed"),
    "deleted": (*COMPLETED, "deleted"),
    "repeated": COMPLETED,
    "unanswered": COMPLETED,
    "cut": ("receiving", "aborted"),
    "begun": ("receiving",),
}
"""Upload, which is the ingest's id here, and the file's name too → its way."""


def sound() -> Evidence:
    """Return the evidence; each call makes it anew."""
    evidence = Evidence()
    for name, path in PATHS.items():
        _add_ingest(evidence, name, path)
    for name in ("picture", "text", "away", "dropped", "replayed", "retaken", "deleted"):
        evidence.attempts.append(attempt(name, 202))
    lost = {"key": "k-repeated", "status": None, "error": "ReadTimeout"}
    evidence.attempts += [attempt("repeated", **lost), attempt("repeated", 202, key="k-repeated")]
    evidence.attempts += [attempt("unanswered", None, error="ReadError"), attempt("refused", 415)]
    evidence.attempts += [attempt("cut", None, error="cut", sabotage="cut"), attempt("deleted", 204, way="delete")]
    evidence.idempotency.append({"principal": "me", "key": "k-repeated", "ingest_id": "repeated"})
    _row(evidence, "picture")["preview"] = "made"
    evidence.files.append(file("previews", "picture", PREVIEW))
    _row(evidence, "away")["quarantined_until"] = 10**15
    stored = {name: "objects" for name in PATHS if name not in ("away", "dropped", "deleted", "cut", "begun")}
    evidence.uploads.append({"ingest_id": "begun", "expires_at": 1})
    evidence.files.append(file("incoming", "begun", b"be"))
    evidence.files += [file(place, name, name.encode()) for name, place in (stored | {"away": "quarantine"}).items()]
    return evidence


def attempt(name: str, status: int | None = None, **changes: Any) -> Row:
    """Return one line of the senders' log."""
    facts = {"filename": name, "size": len(name), "sha256": sha256(name.encode())}
    receipt = {"id": name, "size": len(name), "sha256": facts["sha256"]} if status in (202, 204) else None
    fixed = {"sender": 1, "upload": name, "attempt": 1, "way": "raw", "key": None, "started": 1.0, "ended": 2.0}
    open_ = {"status": status, "error": None, "problem": None, "receipt": receipt, "sabotage": None}
    return fixed | facts | open_ | changes


def file(place: str, name: str, content: bytes) -> Row:
    """Return a file of the store."""
    return {"place": place, "path": f"20261124/13/{name}", "size": len(content), "sha256": sha256(content)}


def sha256(content: bytes) -> str:
    """Return the digest in hex."""
    return hashlib.sha256(content).hexdigest()


def _row(evidence: Evidence, name: str) -> Row:
    return next(row for row in evidence.ingests if row["id"] == name)


def _add_ingest(evidence: Evidence, name: str, path: tuple[str, ...]) -> None:
    whole = "received" in path
    evidence.ingests.append(
        {
            "id": name,
            "state": path[-1],
            "original_filename": name,
            "size": len(name) if whole else None,
            "sha256": sha256(name.encode()) if whole else None,
            "metadata": METADATA if "completed" in path else None,
            "attempts": 1,
            "quarantined_until": None,
            "preview": None,
            "why": None,
        }
    )
    for number, after in enumerate(path, 1):
        before = path[number - 2] if number > 1 else None
        move = {"ingest_id": name, "number": number, "at": number * 10**6, "before": before, "after": after}
        evidence.moves.append(move)
        if after in ("completed", "rejected", "failed", "deleted"):
            _add_event(evidence, name, after)


def _add_event(evidence: Evidence, name: str, state: str) -> None:
    sequence = len(evidence.events) + 1
    event_id, kind = f"event-{sequence}", f"hmas.ingest.{state}.v1"
    data = {
        "file": {"sha256": sha256(name.encode())},
        "metadata": METADATA | {"frames": []} if state == "completed" else None,  # too long for the event
        "timing": {"attempts": 1},
    }
    body = {"id": event_id, "type": kind, "subject": name, "data": data}
    evidence.events.append(
        {"sequence": sequence, "id": event_id, "ingest_id": name, "type": kind, "time": 1, "body": body}
    )
    for sink in SINKS:
        evidence.deliveries.append({"event_id": event_id, "sink": sink, "ingest_id": name, "state": "delivered"})
    copy = body | {"sequence": f"{sequence:020d}"}
    evidence.perceived.append({"sink": WEBHOOK, "at": 1.0, "id": event_id, "answered": 200, "event": copy})
    evidence.followed.append({"at": 1.0, "sequence": sequence, "id": event_id, "event": copy})
