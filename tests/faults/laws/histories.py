"""What an ingest may go through: a legal path, one end in each life, one event for each end, one set of metadata."""

from collections.abc import Iterator

from tests.faults.evidence import Row
from tests.faults.laws.index import ENDS, UNFINISHED, Index

ALLOWED = {
    None: {"receiving"},
    "receiving": {"received", "rejected", "aborted", "expired"},
    "received": {"processing"},
    "processing": {"received", "completed", "rejected", "failed"},
    "completed": {"deleted"},
    "rejected": {"received", "deleted"},
    "failed": {"received", "deleted"},
    "aborted": set(),
    "expired": set(),
    "deleted": set(),
}
"""State → what may follow it, as docs/architecture.md draws it."""

TOLD = ENDS | {"deleted"}
"""The states that Perception is told of."""


def histories_are_legal(index: Index) -> Iterator[str]:
    """Each move begins where the one before ended, and is allowed; no number is missing; the last is the row's."""
    for ingest_id, row in index.ingests.items():
        moves, state = index.moves[ingest_id], None
        for number, move in enumerate(moves, 1):
            if move["number"] != number:
                yield f"ingest {ingest_id}: its history has number {move['number']} where {number} is due"
            if move["before"] != state:
                yield f"ingest {ingest_id}: move {move['number']} leaves {move['before']}, but it was {state}"
            if move["after"] not in ALLOWED[move["before"]]:
                yield f"ingest {ingest_id}: it went from {move['before']} to {move['after']}, which is not allowed"
            state = move["after"]
        if state != row["state"]:
            yield f"ingest {ingest_id}: its row says {row['state']}, its history {state}"


def one_end_in_each_life(index: Index) -> Iterator[str]:
    """A replay or a release begins a new life."""
    for ingest_id in index.ingests:
        for life in _lives(index.moves[ingest_id]):
            ends = [move["after"] for move in life if move["after"] in ENDS]
            if len(ends) > 1:
                yield f"ingest {ingest_id}: it ended {len(ends)} times in one life: {', '.join(ends)}"


def one_event_for_each_end(index: Index) -> Iterator[str]:
    """The events are those of the moves that Perception is told of, in their order."""
    for ingest_id in index.ingests:
        due = [f"hmas.ingest.{move['after']}.v1" for move in index.moves[ingest_id] if move["after"] in TOLD]
        told = [event["type"] for event in index.events[ingest_id]]
        if told != due:
            yield f"ingest {ingest_id}: its events are {_listed(told)}, its history asks for {_listed(due)}"


def one_set_of_metadata(index: Index) -> Iterator[str]:
    """What the last end told is what the row keeps; a long list of the metadata may be left out of the event."""
    for ingest_id, row in index.ingests.items():
        told = [event["body"]["data"] for event in index.events[ingest_id] if event["type"] in _TYPES_OF_ENDS]
        if not told or row["state"] not in ENDS:
            continue
        if told[-1]["timing"]["attempts"] != row["attempts"]:
            yield f"ingest {ingest_id}: the event tells of attempt {told[-1]['timing']['attempts']}, the row of another"
        if told[-1]["file"]["sha256"] != (row["sha256"] or ""):
            yield f"ingest {ingest_id}: the event tells of other bytes than the row"
        if not _agree(told[-1]["metadata"], row["metadata"]):
            yield f"ingest {ingest_id}: the event's metadata are not those of the row"


def nothing_is_stuck(index: Index) -> Iterator[str]:
    """Once all is quiet nothing is under way but uploads whose sender may come back."""
    for ingest_id, row in index.ingests.items():
        if row["state"] in UNFINISHED and ingest_id not in index.begun:
            yield f"ingest {ingest_id} is stuck in {row['state']}: {row['why']}"
        if row["preview"] == "wanted":
            yield f"ingest {ingest_id}: its preview is still wanted"


_TYPES_OF_ENDS = {f"hmas.ingest.{state}.v1" for state in ENDS}


def _lives(moves: list[Row]) -> list[list[Row]]:
    lives: list[list[Row]] = [[]]
    for move in moves:
        if move["before"] in ENDS and move["after"] == "received":
            lives.append([])
        lives[-1].append(move)
    return lives


def _agree(told: Row | None, kept: Row | None) -> bool:
    if told is None or kept is None:
        return told is None
    return all(value in (kept.get(name), []) for name, value in told.items())


def _listed(types: list[str]) -> str:
    return ", ".join(types) or "none"
