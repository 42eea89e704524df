"""What an honest sender repeats, and what it must not."""

import random
from dataclasses import replace

import pytest

from tests.faults.payloads import MIB, large, small
from tests.faults.senders import LONGEST_PAUSE, pause_before_next

UNSURE = "outcome_unknown: Send the same request again with its Idempotency-Key."


def upload(key=None, sabotage=None):
    return replace(small("one", random.Random(1)), key=key, sabotage=sabotage)


def answer(status=None, problem=None, retry_after=None):
    return {"status": status, "problem": problem, "retry_after": retry_after}


@pytest.mark.parametrize("status", [202, 400, 413, 415, 422])
@pytest.mark.parametrize("key", [None, "key"])
def test_a_final_answer_is_not_repeated(status, key):
    assert pause_before_next(upload(key), answer(status)) is None


@pytest.mark.parametrize("status", [429, 503, 507])
@pytest.mark.parametrize("key", [None, "key"])
def test_a_refusal_for_now_is_repeated_after_its_pause(status, key):
    assert pause_before_next(upload(key), answer(status, "x: Try again later.", 2.0)) == 2
    assert pause_before_next(upload(key), answer(status, "x: Try again later.", 60.0)) == LONGEST_PAUSE


@pytest.mark.parametrize("lost", [answer(), answer(500, "internal: Try again later."), answer(503, UNSURE, 1.0)])
def test_what_may_have_been_taken_is_repeated_with_a_key_alone(lost):
    assert pause_before_next(upload("key"), lost) == 1
    assert pause_before_next(upload(), lost) is None


def test_a_sabotaged_upload_is_not_repeated():
    assert pause_before_next(upload("key", "cut"), answer()) is None


def test_uploads_are_of_their_sizes_and_the_same_for_the_same_seed():
    for make, smallest, largest in ((small, 1, 70_000), (large, MIB, 32 * MIB)):
        chance, again = random.Random(1), random.Random(1)
        for number in range(20):
            made = make(str(number), chance)
            assert smallest <= len(made.content) <= largest
            assert made == make(str(number), again)
