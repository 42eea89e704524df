"""What a sender may leave: one ingest where it has a key or sends once, none where it was refused."""

from collections import defaultdict
from collections.abc import Iterator

from tests.faults.evidence import Row
from tests.faults.laws.index import Index, accepted

BARE_FAULT, AWAY = 500, 503
OUTCOME_UNKNOWN = "outcome_unknown"

Sent = tuple[str, str]
"""A file as its sender knows it: name and digest."""


def one_upload_is_one_ingest(index: Index) -> Iterator[str]:
    """All receipts of one upload, and its key in the catalog, name one ingest."""
    for upload, attempts in index.uploads.items():
        named = {attempt["receipt"]["id"] for attempt in attempts if accepted(attempt) and attempt["receipt"]}
        keys = {attempt["key"] for attempt in attempts} - {None}
        kept = {row["ingest_id"] for row in index.evidence.idempotency if row["key"] in keys}
        if len(named) > 1:
            yield f"upload {upload}: its receipts name several ingests: {_listed(named)}"
        elif named and kept - named:
            yield f"upload {upload}: its receipt names ingest {_listed(named)}, its key {_listed(kept)}"


def no_upload_leaves_more_than_it_may(index: Index) -> Iterator[str]:
    """With a key one ingest at most; else one for each receipt, and one for each answer that was lost."""
    left = _left(index)
    for sent, uploads in _by_file(index).items():
        may = sum(_may_leave(index.uploads[upload]) for upload in uploads)
        if len(left[sent]) > may:
            names = " and ".join(f"upload {upload}" for upload in uploads)
            refused = " was refused or broken off and" if may == 0 else ""
            yield f"{names}{refused} left {len(left[sent])} ingests where {may} may be: {_listed(left[sent])}"


def a_refusal_says_why(index: Index) -> Iterator[str]:
    """Nothing is a bare 500."""
    for upload, attempts in index.uploads.items():
        for attempt in attempts:
            if attempt["status"] == BARE_FAULT:
                yield f"upload {upload}: attempt {attempt['attempt']} was answered by a bare 500"


def every_ingest_is_somebodys(index: Index) -> Iterator[str]:
    """What was taken in whole is what somebody sent: its name and its bytes."""
    sent = _by_file(index)
    for file, ingests in _left(index).items():
        if file not in sent:
            yield f"ingest {_listed(ingests)} ({file[0]}) is no upload that anybody sent"


def _may_leave(attempts: list[Row]) -> int:
    """Return how many whole ingests are right."""
    possible = sum(accepted(attempt) or _answer_was_lost(attempt) for attempt in attempts)
    return min(possible, 1) if attempts[0]["key"] else possible


def _answer_was_lost(attempt: Row) -> bool:
    """Whether it may have been taken in, and the sender cannot know; a problem may say so itself."""
    if attempt["status"] in {None, BARE_FAULT}:
        return attempt["sabotage"] is None
    return attempt["status"] == AWAY and OUTCOME_UNKNOWN in str(attempt["problem"])


def _by_file(index: Index) -> dict[Sent, list[str]]:
    """File → its uploads, of which there is one unless a sender sends the same again under another name for it."""
    found: dict[Sent, list[str]] = defaultdict(list)
    for upload, attempts in index.uploads.items():
        found[attempts[0]["filename"], attempts[0]["sha256"]].append(upload)
    return found


def _left(index: Index) -> dict[Sent, set[str]]:
    """File → the ingests that were taken in whole."""
    found: dict[Sent, set[str]] = defaultdict(set)
    for row in index.evidence.ingests:
        if row["state"] not in ("receiving", "aborted", "expired"):
            found[row["original_filename"], row["sha256"]].add(row["id"])
    return found


def _listed(ids: set[str]) -> str:
    return ", ".join(sorted(ids))
