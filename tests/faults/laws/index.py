"""The evidence, looked up by what the laws ask for: rows by id, attempts by upload, files by place and id."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from tests.faults.evidence import Evidence, Row

ENDS = frozenset({"completed", "rejected", "failed"})
"""The states of which every received ingest reaches one."""

GONE = frozenset({"aborted", "expired", "deleted"})
"""The states that keep no bytes."""

UNFINISHED = frozenset({"receiving", "received", "processing"})

SURE = 300
"""From this status on a server has said no."""


@dataclass(frozen=True)
class Index:
    """All is read once, when first asked for."""

    evidence: Evidence

    @cached_property
    def ingests(self) -> dict[str, Row]:
        """Id → row."""
        return {row["id"]: row for row in self.evidence.ingests}

    @cached_property
    def moves(self) -> dict[str, list[Row]]:
        """Ingest → its history in order."""
        return _grouped(sorted(self.evidence.moves, key=lambda move: move["number"]), "ingest_id")

    @cached_property
    def events(self) -> dict[str, list[Row]]:
        """Ingest → its events in order."""
        return _grouped(sorted(self.evidence.events, key=lambda event: event["sequence"]), "ingest_id")

    @cached_property
    def event(self) -> dict[str, Row]:
        """Id → event."""
        return {event["id"]: event for event in self.evidence.events}

    @cached_property
    def deliveries(self) -> dict[str, list[Row]]:
        """Event → its deliveries."""
        return _grouped(self.evidence.deliveries, "event_id")

    @cached_property
    def sinks(self) -> set[str]:
        """All sinks that any event went to."""
        return {delivery["sink"] for delivery in self.evidence.deliveries}

    @cached_property
    def uploads(self) -> dict[str, list[Row]]:
        """Upload → its attempts in order."""
        return _grouped((row for row in self.evidence.attempts if row["way"] != "delete"), "upload")

    @cached_property
    def begun(self) -> set[str]:
        """Receiving ingests whose sender has still time to go on."""
        lasting = {row["ingest_id"] for row in self.evidence.uploads if row["expires_at"] > self.evidence.at}
        return {row["id"] for row in self.evidence.ingests if row["state"] == "receiving"} & lasting

    @cached_property
    def receipts(self) -> list[Row]:
        """The attempts that were answered by a 2xx."""
        return [attempt for attempts in self.uploads.values() for attempt in attempts if accepted(attempt)]

    @cached_property
    def deletions(self) -> set[str]:
        """Ingests whose deletion was asked for."""
        return {row["receipt"]["id"] for row in self.evidence.attempts if row["way"] == "delete"}

    @cached_property
    def files(self) -> dict[tuple[str, str], Row]:
        """(place, ingest) → file."""
        return {(file["place"], PurePath(file["path"]).name): file for file in self.evidence.files}


def accepted(attempt: Row) -> bool:
    """Return whether it was answered by a 2xx."""
    return attempt["status"] is not None and 200 <= attempt["status"] < SURE


def kept_in(row: Row) -> str | None:
    """Return the place where the row's bytes must be; None where they must be nowhere."""
    if row["state"] in GONE or (row["state"] == "rejected" and row["quarantined_until"] is None):
        return None
    return "quarantine" if row["state"] == "rejected" else "objects"


def _grouped(rows: Iterable[Row], name: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[name]].append(row)
    return groups
