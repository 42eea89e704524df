"""Turns rows into values and back; it leaves reading and writing them to the catalog."""

from dataclasses import fields
from typing import Any

from sqlalchemy import RowMapping

from shared.digest import Digest
from shared.events import Delivery, DeliveryState, Event
from shared.ingest import Ingest, Move, Preview, Reason, State, Verdict
from shared.resumable import Resumable

_INGEST_FIELDS = tuple(field.name for field in fields(Ingest))
_DELIVERY_FIELDS = tuple(field.name for field in fields(Delivery))
_UPLOAD_FIELDS = tuple(field.name for field in fields(Resumable))


def ingest_row(ingest: Ingest) -> dict[str, Any]:
    """Return the ingest's columns."""
    return {name: getattr(ingest, name) for name in _INGEST_FIELDS} | {"verdict": _verdict_row(ingest.verdict)}


def changed_columns(before: Ingest, after: Ingest) -> dict[str, Any]:
    """Return the columns in which they differ, and `due_at`, which others may have set in the meantime."""
    old, new = ingest_row(before), ingest_row(after)
    return {name: value for name, value in new.items() if name == "due_at" or value != old[name]}


def ingest_of(row: RowMapping) -> Ingest:
    """Return the ingest of a row."""
    typed = {
        "state": State(row["state"]),
        "verdict": _verdict(row["verdict"]),
        "overridden": tuple(map(Reason, row["overridden"])),
        "preview": row["preview"] and Preview(row["preview"]),
    }
    return Ingest(**dict(row) | typed)


def _verdict_row(verdict: Verdict) -> dict[str, Any]:
    return {"reasons": verdict.reasons, "detail": verdict.detail, "warnings": verdict.warnings}


def _verdict(value: dict[str, Any]) -> Verdict:
    reasons = tuple(Reason(reason) for reason in value["reasons"])
    return Verdict(reasons, value["detail"], tuple(value["warnings"]))


def move_of(row: RowMapping) -> Move:
    """Return the move of a row."""
    before = row["before"] and State(row["before"])
    return Move(**dict(row) | {"before": before, "after": State(row["after"])})


def upload_row(resumable: Resumable) -> dict[str, Any]:
    """Return the upload's columns; the digest is text, its algorithm first."""
    digest = resumable.digest and f"{resumable.digest.algorithm}:{resumable.digest.value}"
    return {name: getattr(resumable, name) for name in _UPLOAD_FIELDS} | {"digest": digest}


def resumable_of(row: RowMapping) -> Resumable:
    """Return the upload of a row."""
    digest = row["digest"] and Digest(*row["digest"].split(":"))
    return Resumable(**dict(row) | {"parts": tuple(row["parts"]), "digest": digest})


def event_row(event: Event) -> dict[str, Any]:
    """Return the event's columns but for its sequence, which the catalog gives."""
    return {
        "id": event.id,
        "ingest_id": event.subject,
        "type": event.type,
        "time": event.time,
        "body": event.model_dump_json(exclude={"sequence"}),
    }


def event_of(row: RowMapping) -> Event:
    """Return the event of a row."""
    return Event.model_validate_json(row["body"]).numbered(row["sequence"])


def delivery_row(event: Event, sink: str) -> dict[str, Any]:
    """Return the columns of a new delivery, due at once."""
    return {
        "event_id": event.id,
        "sink": sink,
        "ingest_id": event.subject,
        "state": DeliveryState.PENDING,
        "attempts": 0,
        "pending_since": event.time,
        "next_attempt_at": event.time,
        "token": 0,
    }


def delivery_of(row: RowMapping) -> Delivery:
    """Return the delivery of a row."""
    values = {name: row[name] for name in _DELIVERY_FIELDS}
    return Delivery(**values | {"state": DeliveryState(row["state"])})
