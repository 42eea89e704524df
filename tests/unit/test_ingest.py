"""The state moves: whatever is asked of an ingest, it keeps to MOVES, and its ends are ends."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import StaleState
from shared.events import TYPE_OF
from shared.ingest import FINAL, MOVES, REASONS, SETTLED, Ingest, Reason, State
from tests.sample_ingests import NOON, received

STATES = st.sampled_from(State)


def try_moves(ingest: Ingest, wishes: list[State]) -> list[Ingest]:
    """Ask for the states one after the other, and return the ingest in each state that it took."""
    taken = [ingest]
    for seconds, wish in enumerate(wishes, 1):
        try:
            taken.append(taken[-1].moved(wish, NOON + timedelta(seconds=seconds)))
        except StaleState:
            continue
    return taken


@given(STATES, st.lists(STATES, max_size=40))
def test_any_sequence_of_wishes_keeps_to_the_table(start, wishes):
    taken = try_moves(received(state=start), wishes)
    assert all(after.state in MOVES[before.state] for before, after in pairwise(taken))


@given(STATES, STATES)
def test_a_move_happens_exactly_where_the_table_allows_it(before, after):
    assert (len(try_moves(received(state=before), [after])) == 2) == (after in MOVES[before])


@given(st.sampled_from([State.ABORTED, State.EXPIRED, State.DELETED]), st.lists(STATES, max_size=20))
def test_what_is_aborted_expired_or_deleted_stays_so(end, wishes):
    assert len(try_moves(received(state=end), wishes)) == 1


@given(st.lists(STATES, max_size=20))
def test_what_is_completed_can_only_be_deleted(wishes):
    states = {ingest.state for ingest in try_moves(received(state=State.COMPLETED), wishes)}
    assert states <= {State.COMPLETED, State.DELETED}


def test_what_is_rejected_can_only_be_deleted_or_released():
    assert MOVES[State.REJECTED] == {State.DELETED, State.RECEIVED}


@given(st.lists(STATES, max_size=40))
def test_a_received_ingest_reaches_one_end_unless_it_is_replayed_or_released(wishes):
    taken = try_moves(received(state=State.RECEIVED), wishes)
    ends = [ingest.state for ingest in taken if ingest.state in SETTLED]
    assert set(ends[:-1]) <= {State.FAILED, State.REJECTED}


@given(STATES, STATES)
def test_a_move_changes_the_state_the_time_and_what_is_named_and_nothing_else(before, after):
    ingest = received(state=before)
    if after in MOVES[before]:
        moved = ingest.moved(after, NOON + timedelta(1), why="because")
        assert moved == replace(ingest, state=after, updated_at=NOON + timedelta(1), why="because")


def test_a_refused_move_names_both_states():
    with pytest.raises(StaleState, match="It is deleted and cannot become received"):
        received(state=State.DELETED).moved(State.RECEIVED, NOON)


def test_every_state_is_in_the_table_and_can_be_reached():
    assert set(MOVES) == set(State)
    assert set().union(*MOVES.values()) | {State.RECEIVING} == set(State)


def test_final_states_are_those_that_processing_does_not_leave_by_itself():
    assert set(State) - FINAL == {State.RECEIVING, State.RECEIVED, State.PROCESSING}


def test_perception_is_told_of_every_end_of_processing():
    assert set(TYPE_OF) == SETTLED | {State.DELETED}


def test_every_reason_has_its_sentence():
    assert set(REASONS) == set(Reason)
