"""A short storm on each catalog, with every kind of fault in it: nothing is lost, nothing is doubled."""

import pytest

from tests.faults.evidence import lines
from tests.faults.schedule import POSTGRES, SQLITE, kinds
from tests.faults.storm import Storm, rage

SECONDS = 60
FAULTS = 30


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("catalog", "seed"), [(SQLITE, 1), (POSTGRES, 2)])
async def test_a_storm_loses_nothing_and_doubles_nothing(catalog, seed, storm_folder):
    outcome = await rage(Storm(seed, SECONDS, catalog), storm_folder)
    assert not outcome.violations, str(outcome)
    done = [fault["kind"] for fault in lines(storm_folder / "faults.jsonl")]
    assert len(done) >= FAULTS
    assert set(done) == {kind.name for kind in kinds(catalog)}
