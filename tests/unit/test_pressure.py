"""Watermarks: on at the high one, off at the low one, and what both say while a part behind them is away."""

import pytest

from api.pressure import Pressure, Watermark
from shared.adapters.memory_catalog import MemoryCatalog
from shared.adapters.memory_store import MemoryStore
from shared.errors import Overloaded, StorageFull, Unavailable
from shared.settings import Settings, read_settings
from tests.sample_ingests import claimed, received

SETTINGS = Settings(_env_file=None, min_free_bytes=100, free_again_bytes=150, waiting_high=3, waiting_low=1)


class Store(MemoryStore):
    """A store whose free room is told, or its fault."""

    free = 1000

    async def space(self):
        if isinstance(self.free, Exception):
            raise self.free
        self.total = self.free
        return await super().space()


class Catalog(MemoryCatalog):
    """A catalog that can be away, or break in a way that nobody foresaw."""

    fault = None

    async def backlog(self, limit):
        if self.fault:
            raise self.fault
        return await super().backlog(limit)


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def catalog():
    return Catalog(())


@pytest.fixture
def pressure(catalog, store):
    return Pressure(SETTINGS, catalog, store)


def test_a_watermark_does_not_flap():
    mark = Watermark(high=10, low=4)
    states = []
    for level in (9, 10, 9, 5, 10, 30, 5, 4, 5, 9, 10):
        mark.see(level, 0)
        states.append(mark.over)
    assert states == [False, True, True, True, True, True, True, False, False, False, True]


def test_a_watermark_without_a_distance_goes_by_the_high_one():
    mark = Watermark(high=0, low=0)
    assert [(mark.see(level, 0), mark.over) for level in (-1, 0, 0, -1)] == [
        (False, False),
        (True, True),
        (False, True),
        (True, False),
    ]


@pytest.mark.parametrize(
    ("level", "seconds", "wait"),
    [(900, 10, 50), (999, 1, 120), (401, 60, 1), (1000, 5, 30), (1001, 5, 30)],
    ids=["as fast as until now", "at most two minutes", "at least a second", "not falling", "growing"],
)
def test_a_repeat_is_sensible_once_the_level_will_be_low(level, seconds, wait):
    mark = Watermark(high=1000, low=400)
    mark.see(1000, 0)
    mark.see(level, seconds)
    assert mark.retry_after(seconds) == pytest.approx(wait)


async def test_a_full_disk_refuses_until_there_is_room_again(pressure, store):
    for free, refused in ((1, False), (0, True), (1, True), (49, True), (50, False), (1, False)):
        store.free = free
        await pressure.look()
        assert pressure.disk.over is refused, free
        if refused:
            with pytest.raises(StorageFull) as fault:
                pressure.check(None)
            assert 1 <= int(fault.value.headers["Retry-After"]) <= 120
        else:
            pressure.check(None)


async def test_what_is_declared_and_does_not_fit_is_refused_and_smaller_ones_are_not(pressure, store):
    store.free = 60
    await pressure.look()
    pressure.check(60)
    with pytest.raises(StorageFull):
        pressure.check(61)


async def test_a_backlog_refuses_until_enough_of_it_is_worked_off(pressure, catalog):
    waiting = [received() for _ in range(3)]
    for ingest in waiting:
        await catalog.record(ingest)
    await pressure.look()
    for left in (2, 1):
        with pytest.raises(Overloaded) as fault:
            pressure.check(1)
        assert 1 <= int(fault.value.headers["Retry-After"]) <= 120
        ingest = waiting.pop()
        await catalog.save(ingest, claimed(ingest))
        await pressure.look()
        assert pressure.backlog.level == left
    pressure.check(1)


@pytest.mark.parametrize("fault", [Unavailable("away"), RuntimeError("nobody foresaw this")])
async def test_what_cannot_be_seen_stays_as_it_was(pressure, catalog, store, fault):
    store.free = 0
    await pressure.look()
    store.free = catalog.fault = fault
    await pressure.look()
    assert (pressure.disk.over, pressure.backlog.over) == (True, False)
    catalog.fault, store.free = None, 1000
    await pressure.look()
    pressure.check(None)


async def test_readiness_says_how_both_are_and_what_is_refused(pressure, store):
    assert await pressure.look_at_backlog() == "0 of at most 3 wait"
    assert await pressure.look_at_disk() == "0 MiB free above MIN_FREE_BYTES"
    store.free = 0
    with pytest.raises(StorageFull):
        await pressure.look_at_disk()


def test_a_low_mark_that_is_none_ends_the_start_with_a_sentence(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WAITING_HIGH", "10")
    monkeypatch.setenv("WAITING_LOW", "10")
    with pytest.raises(SystemExit) as end:
        read_settings()
    assert str(end.value) == "WAITING_LOW=10: It must be less than WAITING_HIGH."


async def test_room_that_must_stay_free_is_enough_to_begin_again(catalog, store):
    settings = Settings(_env_file=None, min_free_bytes=1 << 40, free_again_bytes=1)
    pressure = Pressure(settings, catalog, store)
    for free, refused in ((0, True), (1, False)):
        store.free = free
        await pressure.look()
        assert pressure.disk.over is refused
