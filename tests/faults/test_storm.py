"""A short storm on each catalog, with every kind of fault in it: nothing is lost, nothing is doubled."""

import re
from pathlib import Path

import pytest

from tests.faults.evidence import lines
from tests.faults.schedule import POSTGRES, SQLITE, kinds

FAULTS = 30


@pytest.mark.timeout(400)
@pytest.mark.parametrize("catalog", [SQLITE, POSTGRES])
def test_a_storm_loses_nothing_and_doubles_nothing(storms, catalog):
    code, said = storms[catalog].ended()
    assert code == 0, said
    folder = Path(re.search(r"logs: (\S+)", said)[1])
    done = [fault["kind"] for fault in lines(folder / "faults.jsonl")]
    assert len(done) >= FAULTS
    assert set(done) == {kind.name for kind in kinds(catalog)}
