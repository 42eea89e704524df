"""No file of the corpus makes a confined child open a file or a socket: strace watches."""

from pathlib import Path

import pytest

from tests.corpus.items import Item, good_items, hostile_items
from tests.corpus.trap import trap_set
from tests.corpus.workshop import workshop
from tests.unit.cage_traces import traced
from workers.cage.cage import Cage
from workers.examine.examination import Claim, Examine

ITEMS = (*good_items(), *hostile_items())
AT_ONCE = 60
"""Being watched makes files slower, a picture of half a million parts by a minute; one test has its time."""


def question(item: Item) -> Examine:
    return Examine(claim=Claim(declared_type=item.declared_type, filename=item.filename))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("start", range(0, len(ITEMS), AT_ONCE))
async def test_no_child_opens_anything(start: int, tmp_path: Path):
    items = ITEMS[start : start + AT_ONCE]
    with trap_set() as trap, workshop(tmp_path, trap.trap) as shop:
        files = shop.files(items)
        async with Cage() as cage:
            seen = await traced(cage, [(path, question(item)) for path, item in zip(files, items, strict=True)])
        assert not trap.sprung()
    assert seen.offences == []
    assert seen.children == len(items)
