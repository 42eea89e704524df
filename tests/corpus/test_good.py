"""Every kind of file that people send is described, exactly."""

import pytest

from tests.corpus.examined import Bench, checked
from tests.corpus.items import COMPLETED, Good, good_items

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("item", good_items(), ids=lambda item: item.name)
async def test_it_is_described(item: Good, place: Bench):
    run = await place.examined(item)
    assert (run.verdict, run.judged.detail) == (COMPLETED, None)
    assert (run.found.media_type, run.found.kind) == (item.media_type, item.kind)
    assert checked(item, run.found) == item.metadata
    assert run.judged.warnings == item.warnings


async def test_there_are_forty_kinds():
    assert len({(item.media_type, item.filename) for item in good_items()}) >= 40
