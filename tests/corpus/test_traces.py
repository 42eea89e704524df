"""No kind of file, and none that points elsewhere, makes a confined child open a file or a socket: strace watches."""

from pathlib import Path

from tests.corpus.items import Item, good_items, hostile_items
from tests.corpus.trap import trap_set
from tests.corpus.workshop import workshop
from tests.unit.cage_traces import traced
from workers.cage.cage import Cage
from workers.examine.examination import Claim, Examine

# The rest of the hostile files point nowhere and would use up their time, which being watched makes longer still.
ITEMS = (*good_items(), *(item for item in hostile_items() if item.points_elsewhere))


def question(item: Item) -> Examine:
    return Examine(claim=Claim(declared_type=item.declared_type, filename=item.filename))


async def test_no_child_opens_anything(tmp_path: Path):
    with trap_set() as trap, workshop(tmp_path, trap.trap) as shop:
        files = shop.files(ITEMS)
        async with Cage() as cage:
            seen = await traced(cage, [(path, question(item)) for path, item in zip(files, ITEMS, strict=True)])
        assert not trap.sprung()
    assert seen.offences == []
    assert seen.children == len(ITEMS)
