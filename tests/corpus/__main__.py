"""`python -m tests.corpus`: examine the corpus and print as Markdown what each file came to and what it cost."""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

from tests.corpus.examined import Bench, Run, bench, checked, told
from tests.corpus.items import COMPLETED, Good, Hostile, good_items, hostile_items

_MIB = 1024 * 1024


async def tables() -> str:
    """Return both tables, and how the services and the trap fared."""
    good, hostile = good_items(), hostile_items()  # their libraries before the first weighing
    with tempfile.TemporaryDirectory() as folder:
        async with bench(Path(folder)) as place:
            described = [_described(run) async for run in _runs(place, good)]
            contained = [_contained(run) async for run in _runs(place, hostile)]
            fared = (
                f"No service process grew by more than {place.grown() / _MIB:.1f} MiB. The trap was "
                f"{'sprung' if place.leaked() else 'not sprung'}. Confinement: {'+'.join(place.cage.level)}.\n"
            )
    return "\n".join(
        [
            _table(("kind", "file", "type", "fields"), described),
            _table(("hostile file", "verdict", "ms", "peak MiB"), contained),
            fared,
        ]
    )


async def _runs(place: Bench, items: Iterable[Good | Hostile]) -> AsyncIterator[Run]:
    for item in items:
        yield await place.examined(item)


def _described(run: Run) -> tuple[object, ...]:
    as_expected = run.verdict == COMPLETED and checked(run.item, run.found) == run.item.metadata
    fields = ", ".join(name for name in told(run.found) if name != "kind")
    return run.found.kind, run.item.name, run.found.media_type, fields if as_expected else f"**not so:** {run.verdict}"


def _contained(run: Run) -> tuple[object, ...]:
    as_expected = run.verdict in run.item.verdicts and run.item.told.items() <= told(run.found).items()
    verdict = run.verdict if as_expected else f"**not so:** {run.verdict}"
    return run.item.name, verdict, round(run.report.seconds * 1000), round(run.report.max_rss_bytes / _MIB)


def _table(head: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # each fault is in the table
    print(asyncio.run(tables()))
