"""What the API tells and refuses of an ingest whose bytes still come; sending them is tested elsewhere."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.adapters.sql_catalog import SqlCatalog
from shared.ingest import State
from shared.resumable import Resumable
from tests.sample_ingests import received

UNTIL = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def receiving(shared_api):
    """Record an upload as another process does."""
    unknown = {"size": None, "sha256": None, "received_at": None, "due_at": None}
    begun = datetime.now(UTC) - timedelta(hours=1)
    ingest = received(begun, state=State.RECEIVING, filename="unfinished.bin", **unknown)

    async def record():
        async with SqlCatalog.open(f"sqlite+aiosqlite:///{shared_api.data}/catalog.db", ()) as catalog:
            await catalog.record(ingest, resumable=Resumable(ingest.id, UNTIL, 2000))

    asyncio.run(record())
    return ingest


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_its_receipt_says_what_is_known_and_how_long_it_waits_for_its_sender(client, receiving):
    full = client.get(f"/ingest/{receiving.id}").json()
    unknown = ("size", "sha256", "digest", "received_at", "completed_at")
    assert (full["state"], [full[name] for name in unknown]) == ("receiving", [None] * 5)
    assert full["waiting"] == (
        f"Its sender has not sent all of it; the upload was begun at {receiving.created_at:%Y-%m-%dT%H:%M:%SZ}. "
        "It will have 2000 bytes; where nothing more comes it expires at 2100-01-01T00:00:00Z."
    )


def test_it_is_listed_by_its_state(client, receiving):
    (item,) = client.get("/ingest?state=receiving&filename=unfinished.bin").json()["items"]
    assert (item["id"], item["size"]) == (receiving.id, None)
    assert item["waiting"].startswith("Its sender has not sent all of it")


def test_it_has_neither_content_nor_a_preview_yet(client, receiving):
    for what in ("content", "preview"):
        assert problem(client.get(f"/ingest/{receiving.id}/{what}")) == (409, "in_progress")


def test_it_can_be_neither_deleted_nor_replayed_nor_released(client, receiving):
    assert problem(client.delete(f"/ingest/{receiving.id}")) == (409, "in_progress")
    assert problem(client.post(f"/ingest/{receiving.id}/replay")) == (409, "not_replayable")
    assert problem(client.post(f"/ingest/{receiving.id}/release")) == (409, "not_releasable")
