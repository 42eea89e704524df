"""The plan of a storm: the same for the same seed, with everything in it."""

from itertools import combinations

import pytest

from tests.faults.faults import FAULTS
from tests.faults.schedule import KINDS, POSTGRES, SQLITE, kinds, plan

both_catalogs = pytest.mark.parametrize("catalog", [SQLITE, POSTGRES])


@both_catalogs
def test_the_same_seed_gives_the_same_plan(catalog):
    assert plan(7, 60, catalog) == plan(7, 60, catalog)
    assert plan(7, 60, catalog) != plan(8, 60, catalog)


@both_catalogs
@pytest.mark.parametrize("seed", range(20))
def test_a_short_storm_has_each_kind_and_thirty_faults(catalog, seed):
    planned = plan(seed, 60, catalog)
    assert {fault.kind for fault in planned} == {kind.name for kind in kinds(catalog)}
    assert len(planned) >= 30
    assert all(0 <= fault.at <= fault.at + fault.seconds <= 60 for fault in planned)


@both_catalogs
def test_ten_minutes_have_three_hundred_faults(catalog):
    assert len(plan(1, 600, catalog)) >= 300


@both_catalogs
def test_faults_overlap_but_never_on_one_part(catalog):
    parts = {kind.name: kind.part for kind in KINDS}
    together = [
        parts[first.kind] == parts[second.kind]
        for first, second in combinations(plan(1, 60, catalog), 2)
        if first.at + first.seconds > second.at
    ]
    assert together
    assert not any(together)


def test_a_storm_too_short_for_all_kinds_is_refused():
    with pytest.raises(ValueError, match="too short"):
        plan(1, 10, SQLITE)


def test_every_kind_can_be_done():
    assert FAULTS.keys() == {kind.name for kind in KINDS}
