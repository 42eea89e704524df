"""What may be left on the machine: the files that rows keep, and nothing else."""

from collections.abc import Iterator

from tests.faults.laws.index import UNFINISHED, Index, kept_in


def no_file_without_a_row(index: Index) -> Iterator[str]:
    """Each file of the store is where its row keeps it."""
    for (place, ingest_id), file in index.files.items():
        row = index.ingests.get(ingest_id)
        if place in ("objects", "quarantine") and (row is None or kept_in(row) != place):
            yield f"{place}/{file['path']}: {_whose(index, ingest_id)} does not keep these bytes"


def no_row_without_its_bytes(index: Index) -> Iterator[str]:
    """What a row keeps is there, whole, whether its sender has a receipt or not."""
    for ingest_id, row in index.ingests.items():
        place = None if row["state"] in UNFINISHED else kept_in(row)
        if place is None:
            continue
        file = index.files.get((place, ingest_id))
        if file is None or (file["size"], file["sha256"]) != (row["size"], row["sha256"]):
            yield f"ingest {ingest_id}, which is {row['state']}, has not its bytes in {place}/"


def previews_are_as_the_rows_say(index: Index) -> Iterator[str]:
    """A preview is there where the row says `made`, and nowhere else."""
    made = {row["id"] for row in index.evidence.ingests if row["preview"] == "made" and row["state"] == "completed"}
    there = {ingest_id for place, ingest_id in index.files if place == "previews"}
    for ingest_id in sorted(made - there):
        yield f"ingest {ingest_id}: its row says that its preview is made, but it is not there"
    for ingest_id in sorted(there - made):
        yield f"a preview is there that {_whose(index, ingest_id)} does not keep"


def no_unfinished_file(index: Index) -> Iterator[str]:
    """Nothing is being written any more; what a sender may go on with is there."""
    unfinished = {name for place, name in index.files if place == "incoming"}
    for name in sorted(unfinished - index.begun):
        yield f"incoming/{name} was left behind"
    for name in sorted(index.begun - unfinished):
        yield f"ingest {name}: its upload goes on, but incoming/{name} is not there"


def no_presence(index: Index) -> Iterator[str]:
    """Each worker slot has taken its file with it, or the sweeper has."""
    for place, name in index.files:
        if place == "workers":
            yield f"workers/{name}: a worker slot is gone and its file is not"


def no_process(index: Index) -> Iterator[str]:
    """All that was started has ended."""
    for process in index.evidence.leaked:
        yield f"process {process['pid']} was left behind: {process['command']}"


def _whose(index: Index, ingest_id: str) -> str:
    row = index.ingests.get(ingest_id)
    return f"ingest {ingest_id}, which is {row['state']}," if row else f"no ingest: {ingest_id} is unknown and"
