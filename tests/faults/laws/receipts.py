"""What a 2xx promises: the ingest is there, has ended, and its bytes are those that were sent."""

from collections.abc import Iterator

from tests.faults.evidence import Row
from tests.faults.laws.index import ENDS, Index, kept_in


def receipts_have_an_ingest(index: Index) -> Iterator[str]:
    """Each 2xx brought a receipt, and the catalog has its ingest."""
    for attempt in index.receipts:
        if attempt["receipt"] is None:
            yield f"upload {attempt['upload']} was answered {attempt['status']} without a receipt"
        elif attempt["receipt"]["id"] not in index.ingests:
            yield f"{_of(attempt)} is not in the catalog"


def accepted_ingests_end(index: Index) -> Iterator[str]:
    """They are in one of the three ends, or deleted where that was asked for."""
    for attempt, row in _known(index):
        if row["state"] not in ENDS and not (row["state"] == "deleted" and row["id"] in index.deletions):
            yield f"{_of(attempt)} is {row['state']}, which is no end that it may have"


def receipts_tell_the_truth(index: Index) -> Iterator[str]:
    """The receipt's size and digest are what was sent, and what the catalog has."""
    for attempt, row in _known(index):
        for name in ("size", "sha256"):
            told = attempt["receipt"][name]
            if told != attempt[name]:
                yield f"{_of(attempt)}: the receipt says {name} {told}, sent was {attempt[name]}"
            if told != row[name]:
                yield f"{_of(attempt)}: the receipt says {name} {told}, the catalog {row[name]}"


def bytes_are_those_of_the_receipt(index: Index) -> Iterator[str]:
    """Where the row keeps bytes they are in its place, whole."""
    for attempt, row in _known(index):
        place = kept_in(row)
        if place is None:
            continue
        file = index.files.get((place, row["id"]))
        if file is None:
            yield f"{_of(attempt)}: its bytes are not in {place}/"
        elif (file["size"], file["sha256"]) != (attempt["receipt"]["size"], attempt["receipt"]["sha256"]):
            yield f"{_of(attempt)}: the bytes in {place}/ are not those of the receipt"


def _known(index: Index) -> Iterator[tuple[Row, Row]]:
    """Yield the attempts with a receipt whose ingest is there, with its row."""
    for attempt in index.receipts:
        row = index.ingests.get((attempt["receipt"] or {}).get("id", ""))
        if row is not None:
            yield attempt, row


def _of(attempt: Row) -> str:
    return f"upload {attempt['upload']}, ingest {attempt['receipt']['id']}"
