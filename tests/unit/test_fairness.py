"""Fairness between callers: priorities by what each has sent, and what one worker makes of them."""

import heapq
from itertools import count, pairwise

import pytest

from api.fairness import STEPS, Turns
from shared.ingest import MAX_PRIORITY

MIB = 1 << 20


def priorities(turns, principal, files, *, size=0, every=0.0):
    return [turns.take(principal, size, number * every) for number in range(files)]


def test_a_burst_of_small_files_goes_first_and_what_follows_goes_back_step_by_step():
    given = priorities(Turns(), "a", 10_000)
    assert given[:20] == [0] * 20
    assert given[100] == 2
    assert all(before <= after for before, after in pairwise(given))
    assert given[-1] == 5


def test_the_last_priority_is_not_passed():
    assert max(priorities(Turns(), "a", 200, size=64 << 30)) == MAX_PRIORITY == len(STEPS)


def test_a_caller_who_sends_slower_than_its_share_is_never_put_back():
    assert set(priorities(Turns(), "a", 1000, every=0.21)) == {0}


def test_a_large_file_counts_by_its_size():
    turns = Turns()
    assert turns.take("a", 1024 * MIB, 0) == 0
    assert turns.take("a", 1, 0) == 2
    assert turns.take("a", 1, 22) == 0


def test_a_caller_is_forgotten_once_its_turn_is_past():
    turns = Turns()
    for number in range(1000):
        turns.take(f"caller {number}", 0, number)
    assert len(turns) < 10
    turns.take("flood", 64 << 30, 1000)
    turns.take("last", 0, 1e6)
    assert len(turns) == 1


def test_once_nothing_waits_nobody_is_ahead():
    turns = Turns()
    priorities(turns, "flood", 10_000)
    turns.forget()
    assert turns.take("flood", 0, 1.0) == 0


def test_many_callers_at_once_have_a_burst_each_all_the_same():
    turns = Turns()
    for number in range(100):
        turns.take(f"caller {number}", 0, 0)
    assert priorities(turns, "new", 3) == [0, 0, 0]


def worked(arrivals, seconds_each, until):
    """Let one worker take by priority, then by age; return each file's (end, caller). Arrivals are (when, caller)."""
    turns, numbers, waiting, ended, now = Turns(), count(), [], [], 0.0
    coming = [(when, turns.take(caller, 0, when), next(numbers), caller) for when, caller in sorted(arrivals)]
    while now < until and (coming or waiting):
        while coming and coming[0][0] <= now:
            heapq.heappush(waiting, coming.pop(0)[1:])
        if waiting:
            ended.append((now + seconds_each, heapq.heappop(waiting)[-1]))
        now += seconds_each
    return ended


def test_one_file_is_not_held_up_by_ten_thousand():
    arrivals = [(number / 100, "flood") for number in range(10_000)] + [(60.005, "one")]
    (end,) = [end for end, caller in worked(arrivals, 0.1, 1000) if caller == "one"]
    assert end < 60.5


def test_two_heavy_callers_share():
    arrivals = [(number / 100, caller) for number in range(5000) for caller in ("a", "b")]
    ended = worked(arrivals, 0.1, 200)
    share = sum(caller == "a" for _, caller in ended) / len(ended)
    assert share == pytest.approx(0.5, abs=0.05)


def test_a_steady_caller_who_takes_all_there_is_does_not_starve_another():
    flood = [(0.0, "flood")] * 3000
    steady = [(number / 10, "steady") for number in range(6000)]
    ended = worked(flood + steady, 0.1, 600)
    assert sum(caller == "flood" for _, caller in ended) > 600
