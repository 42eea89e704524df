"""Every hostile file gets its verdict within its limits, and neither the service nor the next file notices."""

import pytest

from tests.corpus.examined import MAX_GROWTH_BYTES, Bench, plain, told
from tests.corpus.items import Hostile, hostile_items

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENDING_SECONDS = 2.0
"""What killing a child and freeing its memory may take beyond its limit."""


@pytest.mark.parametrize("item", hostile_items(), ids=lambda item: item.name)
async def test_it_is_contained(item: Hostile, place: Bench):
    warm = place.warm
    run = await place.examined(item)
    assert run.verdict in item.verdicts, run.judged
    assert all(any(part in warning for warning in run.judged.warnings) for part in item.warnings), run.judged
    assert item.told.items() <= told(run.found).items()
    assert plain(run)
    assert run.report.seconds < item.limits.wall_seconds + ENDING_SECONDS
    assert not place.leaked()
    assert (await place.harmless()).metadata == place.usual.metadata
    assert place.warm == warm
    assert place.grown() < MAX_GROWTH_BYTES


async def test_there_are_eighty_of_them():
    assert len({item.name for item in hostile_items()}) >= 80


async def test_the_trap_tells_who_comes(place: Bench):
    with place.trap.visited():
        assert place.leaked()
    assert not place.leaked()
