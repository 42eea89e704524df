"""Bytes of rejected files: kept or dropped, by policy and reason; released by an operator, or gone in time."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from shared import metrics
from shared.errors import Unavailable
from shared.ingest import Reason, State
from shared.policy import Policy
from shared.quarantine import Quarantine
from shared.wiring import Services
from tests.unit.rooms import BODY, TEXT, received
from workers import process, reconcile, sweep
from workers.room import Room

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DAY = timedelta(days=1)
BROKEN = TEXT.model_copy(update={"reason": Reason.UNREADABLE, "detail": "cut", "metadata": None})


@pytest.mark.parametrize(
    ("text", "reasons", "until"),
    [
        ("keep:30d", [Reason.UNREADABLE], NOW + 30 * DAY),
        ("keep:12h", [Reason.UNREADABLE], NOW + DAY / 2),
        ("drop", [Reason.UNREADABLE], None),
        ("", [Reason.UNREADABLE], None),
        ("keep:30d", [], None),
        ("keep:30d,executable=drop", [Reason.EXECUTABLE], None),
        ("keep:30d, executable=drop", [Reason.UNREADABLE], NOW + 30 * DAY),
        ("drop,executable=keep:2d", [Reason.EXECUTABLE], NOW + 2 * DAY),
        ("drop,executable=keep:2d", [Reason.UNREADABLE], None),
        ("keep:1d,executable=drop,polyglot=keep:3d", [Reason.EXECUTABLE, Reason.POLYGLOT], NOW + 3 * DAY),
    ],
)
def test_the_setting_says_until_when_bytes_are_kept(text, reasons, until):
    assert Quarantine.of(text).until(reasons, NOW) == until


@pytest.mark.parametrize(
    "text", ["keep", "keep:", "keep:30", "keep:30m", "hold:3d", "nonsense=drop", "executable=", "d"]
)
def test_what_is_no_rule_is_refused_with_how_to_write_one(text):
    with pytest.raises(ValueError, match=r"is no rule; use drop, keep:30d"):
        Quarantine.of(text)


@pytest.fixture
def dropping(room):
    return Room(dataclasses.replace(room.services, quarantine=Quarantine.of("drop")), room.cage)


async def rejected(room):
    """Take a file in that is at fault, and process it."""
    room.cage.found = BROKEN
    ingest = await received(room)
    await process.process(room, ingest.id)
    return await room.services.catalog.get(ingest.id)


async def released(room, ingest):
    """Save what a release saves."""
    reasons = (*ingest.overridden, *ingest.verdict.reasons)
    changes = {"due_at": ingest.updated_at, "quarantined_until": None, "overridden": reasons, "attempts": 0}
    again = ingest.moved(State.RECEIVED, ingest.updated_at, **changes)
    await room.services.catalog.save(ingest, again)


async def in_quarantine(services: Services):
    return [ingest_id async for ingest_id in services.store.in_quarantine()]


def ages(services, ingest):
    """Make the stored bytes old enough to be looked at."""
    services.store.written_at[ingest.id] = datetime.now(UTC) - DAY


async def test_the_bytes_of_a_rejected_file_go_into_quarantine(room):
    ingest = await rejected(room)
    assert (ingest.state, await in_quarantine(room.services)) == (State.REJECTED, [ingest.id])
    assert ingest.quarantined_until - ingest.completed_at == 30 * DAY


async def test_they_are_dropped_where_the_policy_says_so(dropping):
    ingest = await rejected(dropping)
    assert (ingest.state, ingest.quarantined_until) == (State.REJECTED, None)
    assert dropping.services.store.objects == {}


async def test_a_completed_files_bytes_stay_where_they_are(room):
    ingest = await received(room)
    await process.process(room, ingest.id)
    assert await in_quarantine(room.services) == []
    assert room.services.store.objects == {ingest.id: BODY}


async def test_a_released_file_is_completed_in_spite_of_its_reason_and_says_so(room):
    ingest = await rejected(room)
    await released(room, ingest)
    told = await process.process(room, ingest.id)
    assert told["validation"]["verdict"] == "completed"
    assert told["validation"]["warnings"] == ["unreadable is overridden by an operator"]
    assert (await room.services.catalog.get(ingest.id)).overridden == (Reason.UNREADABLE,)
    assert await in_quarantine(room.services) == []


async def test_a_release_overrides_its_reason_and_no_other(room):
    ingest = await rejected(room)
    await released(room, ingest)
    room.cage.found = TEXT
    strict = Room(dataclasses.replace(room.services, policy=Policy(1 << 30, ("video/*",))), room.cage)
    told = await process.process(strict, ingest.id)
    assert [reason["code"] for reason in told["validation"]["reasons"]] == ["type_not_allowed"]
    again = await room.services.catalog.get(ingest.id)
    await released(room, again)
    told = await process.process(strict, ingest.id)
    assert told["validation"]["verdict"] == "completed"


async def test_a_released_mismatch_is_described_by_its_content_alone(room):
    room.cage.found = TEXT.model_copy(update={"reason": Reason.CONTENT_MISMATCH, "metadata": None})
    ingest = await received(room)
    await process.process(room, ingest.id)
    await released(room, await room.services.catalog.get(ingest.id))
    room.cage.found = TEXT
    told = await process.process(room, ingest.id)
    assert told["metadata"]["kind"] == "text"
    assert room.cage.question.claim.filename is None


async def test_bytes_are_gone_once_their_quarantine_has_ended(room):
    ingest = await rejected(room)
    past = dataclasses.replace(ingest, quarantined_until=datetime.now(UTC) - DAY)
    await room.services.catalog.save(ingest, past)
    await sweep.sweep(room.services)
    after = await room.services.catalog.get(ingest.id)
    assert (after.state, after.quarantined_until) == (State.REJECTED, None)
    assert room.services.store.objects == {}


async def test_bytes_that_a_crash_left_in_their_place_are_put_away_later(room, monkeypatch):
    async def away(ingest_id):
        raise Unavailable("away")

    services = room.services
    with monkeypatch.context() as broken:
        broken.setattr(services.store, "put_away", away)
        ingest = await rejected(room)
    assert (ingest.state, await in_quarantine(services)) == (State.REJECTED, [])
    ages(services, ingest)
    counted = metrics.quarantine_moves.labels("put_away")._value.get()
    await reconcile.reconcile(services)
    assert await in_quarantine(services) == [ingest.id]
    assert metrics.quarantine_moves.labels("put_away")._value.get() == counted + 1


async def test_bytes_that_came_into_quarantine_too_late_are_brought_back(room):
    ingest = await received(room)
    await process.process(room, ingest.id)
    await room.services.store.put_away(ingest.id)
    await reconcile.reconcile(room.services)
    assert await in_quarantine(room.services) == []
    assert room.services.store.objects == {ingest.id: BODY}


async def test_bytes_in_quarantine_that_no_row_keeps_are_removed(room):
    ingest = await rejected(room)
    dropped = dataclasses.replace(ingest, quarantined_until=None)
    await room.services.catalog.save(ingest, dropped)
    await reconcile.reconcile(room.services)
    assert room.services.store.objects == {}
