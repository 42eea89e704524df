"""Judge the evidence of a storm: what of the promises is broken, as sentences, and the figures; it gathers nothing."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from tests.faults.evidence import Evidence, Row
from tests.faults.laws import doubles, histories, leftovers, receipts, telling
from tests.faults.laws.index import ENDS, Index

Law = Callable[[Index], Iterator[str]]

LOSSES: tuple[Law, ...] = (
    receipts.receipts_have_an_ingest,
    receipts.accepted_ingests_end,
    receipts.receipts_tell_the_truth,
    receipts.bytes_are_those_of_the_receipt,
)
DOUBLES: tuple[Law, ...] = (
    doubles.one_upload_is_one_ingest,
    doubles.no_upload_leaves_more_than_it_may,
    histories.one_end_in_each_life,
)
OTHERS: tuple[Law, ...] = (
    histories.histories_are_legal,
    histories.one_event_for_each_end,
    histories.one_set_of_metadata,
    histories.nothing_is_stuck,
    telling.every_event_is_delivered_everywhere,
    telling.what_is_delivered_was_taken,
    telling.nothing_is_told_that_did_not_happen,
    telling.sequences_have_no_holes,
    doubles.every_ingest_is_somebodys,
    doubles.a_refusal_says_why,
    leftovers.no_file_without_a_row,
    leftovers.no_row_without_its_bytes,
    leftovers.previews_are_as_the_rows_say,
    leftovers.no_unfinished_file,
    leftovers.unfinished_uploads_have_their_bytes,
    leftovers.no_process,
)


@dataclass(frozen=True)
class Figures:
    """Uploads by what became of them, and seconds from receipt to end."""

    accepted: int
    refused: int
    lost: int
    doubled: int
    p50: float
    p99: float
    worst: float


def check(evidence: Evidence, *, presence_may_stay: bool = False) -> list[str]:
    """Return what is wrong, a sentence for each; nothing where all promises were kept."""
    laws = (*LOSSES, *DOUBLES, *OTHERS, *(() if presence_may_stay else (leftovers.no_presence,)))
    return _broken(laws, Index(evidence))


def figures(evidence: Evidence) -> Figures:
    """Return the figures of a storm's table."""
    index = Index(evidence)
    accepted = {attempt["upload"] for attempt in index.receipts}
    seconds = sorted(_seconds(index.moves[ingest_id]) for ingest_id in index.ingests if _ended(index.moves[ingest_id]))
    return Figures(
        accepted=len(accepted),
        refused=len(index.uploads) - len(accepted),
        lost=len(_broken(LOSSES, index)),
        doubled=len(_broken(DOUBLES, index)),
        p50=_quantile(seconds, 0.5),
        p99=_quantile(seconds, 0.99),
        worst=_quantile(seconds, 1),
    )


def _broken(laws: tuple[Law, ...], index: Index) -> list[str]:
    return list(dict.fromkeys(chain.from_iterable(law(index) for law in laws)))


def _ended(moves: list[Row]) -> bool:
    states = {move["after"] for move in moves}
    return "received" in states and bool(states & ENDS)


def _seconds(moves: list[Row]) -> float:
    """Return the time from the first moment that it was received to its first end."""
    received = next(move["at"] for move in moves if move["after"] == "received")
    return (next(move["at"] for move in moves if move["after"] in ENDS) - received) / 1e6


def _quantile(ordered: list[float], share: float) -> float:
    """Return the smallest value that so large a share does not exceed; 0 where there is none."""
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else 0.0
