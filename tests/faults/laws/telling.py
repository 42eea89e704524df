"""What Perception gets: every event, at every sink, with one id and one body; nothing that did not happen."""

from collections.abc import Iterator
from typing import Any

from tests.faults.evidence import Row
from tests.faults.laws.index import Index


def every_event_is_delivered_everywhere(index: Index) -> Iterator[str]:
    """Redis sinks go by the catalog's word: FLUSHALL may take what was delivered and not yet read."""
    for event in index.evidence.events:
        states = {delivery["sink"]: delivery["state"] for delivery in index.deliveries[event["id"]]}
        for sink in sorted(index.sinks):
            if states.get(sink) != "delivered":
                yield f"{_named(event)}: its delivery to {sink} is {states.get(sink, 'not in the catalog')}"


def what_is_delivered_was_taken(index: Index) -> Iterator[str]:
    """A webhook has said yes to what the catalog calls delivered."""
    yes = {(entry["sink"], entry["id"]) for entry in index.evidence.perceived if entry["answered"] == 200}
    for delivery in index.evidence.deliveries:
        sink = delivery["sink"]
        if sink.startswith("http") and delivery["state"] == "delivered" and (sink, delivery["event_id"]) not in yes:
            yield f"event {delivery['event_id']} of ingest {delivery['ingest_id']}: {sink} never took it"


def nothing_is_told_that_did_not_happen(index: Index) -> Iterator[str]:
    """Each event that Perception has is in the catalog, and all copies are like it."""
    for where, entries in (("a webhook", index.evidence.perceived), ("the follower", index.evidence.followed)):
        for entry in entries:
            event = index.event.get(entry["id"])
            if event is None:
                yield f"event {entry['id']} of ingest {entry['event']['subject']}: {where} has it, the catalog not"
            elif entry["event"]["id"] != entry["id"]:
                yield f"{_named(event)}: {where} got it under the id {entry['id']}"
            elif not _same(entry["event"], event):
                yield f"{_named(event)}: {where} has a copy that differs from the catalog's"


def sequences_have_no_holes(index: Index) -> Iterator[str]:
    """They count from 1, and the follower saw each of them once and in order."""
    numbers = sorted(event["sequence"] for event in index.evidence.events)
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"the events' sequences have holes: {_first_gap(numbers)} is missing"
    seen = [entry["sequence"] for entry in index.evidence.followed]
    if seen != sorted(set(seen)):
        yield "the follower got events twice or out of order"
    for number in sorted(set(numbers) - set(seen)):
        yield f"the follower missed sequence {number}"


def _same(copy: dict[str, Any], event: Row) -> bool:
    kept = {name: value for name, value in copy.items() if name != "sequence"}
    return kept == event["body"] and copy["sequence"].isdecimal() and int(copy["sequence"]) == event["sequence"]


def _first_gap(numbers: list[int]) -> int:
    return next(due for due, number in enumerate([*numbers, 0], 1) if due != number)


def _named(event: Row) -> str:
    return f"event {event['id']} of ingest {event['ingest_id']}"
