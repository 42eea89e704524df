"""Ids: their shape is the only way into a path, their order is time."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import NotFound
from shared.ids import first_id_at, moment_of, new_id, parse_id


def test_an_id_is_a_uuid_of_version_7_that_tells_its_time():
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    ident = new_id()
    assert uuid.UUID(ident).version == 7
    assert uuid.UUID(ident).variant == uuid.RFC_4122
    assert before <= moment_of(ident) <= datetime.now(UTC)


def test_ids_sort_by_time_and_a_moment_bounds_them():
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert first_id_at(moment) < first_id_at(moment + timedelta(milliseconds=1)) < new_id()
    assert moment_of(first_id_at(moment)) == moment
    assert first_id_at(datetime.now(UTC) - timedelta(seconds=1)) < new_id()


def test_no_moment_is_too_early_to_bound_ids():
    assert first_id_at(datetime.min.replace(tzinfo=UTC)) == first_id_at(datetime(1970, 1, 1, tzinfo=UTC))
    assert first_id_at(datetime.max.replace(tzinfo=UTC)) > new_id()


def test_a_thousand_ids_are_a_thousand_ids():
    assert len({new_id() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "text",
    ["", "..", "../../etc/passwd", "a" * 36, str(uuid.uuid4()), new_id().upper(), new_id() + "\n", f"{{{new_id()}}}"],
)
def test_an_id_of_another_shape_is_not_found(text):
    with pytest.raises(NotFound):
        parse_id(text)
