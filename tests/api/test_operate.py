"""An operator's levers over HTTP: replay for many, dead deliveries listed and driven again."""

import asyncio
from dataclasses import replace

import pytest

from shared.adapters.sql_catalog import SqlCatalog
from shared.events import DeliveryState
from shared.ingest import Reason, State, Verdict
from tests.sample_ingests import LATER, NOON, SECOND, finished

SINKS = ("celery:perception", "https://perception.example/in")


async def failed(catalog, at, reason):
    ingest, _ = await finished(catalog, State.FAILED, at)
    await catalog.save(ingest, replace(ingest, verdict=Verdict((reason,)), filename=f"{reason}.mp4"))
    return ingest.id


async def died(catalog):
    for due in await catalog.due_deliveries(LATER, LATER + SECOND, 100):
        outcome = replace(due.delivery, state=DeliveryState.DEAD, attempts=12, last_error="The webhook answered 503.")
        await catalog.report(due, outcome)


def fill(api, work):
    async def run():
        async with SqlCatalog.open(f"sqlite+aiosqlite:///{api.data}/catalog.db", SINKS) as catalog:
            return await work(catalog)

    return asyncio.run(run())


@pytest.fixture
def operated(own_api):
    return own_api()


async def three(catalog):
    """Record failed ones, the newest first: two of one reason."""
    reasons = (Reason.ATTEMPTS_EXHAUSTED, Reason.STORED_BYTES_MISSING, Reason.ATTEMPTS_EXHAUSTED)
    return [await failed(catalog, NOON + n * SECOND, reason) for n, reason in enumerate(reasons)][::-1]


def test_POST_replay_drives_many_again_by_filter_page_by_page(operated):
    newest, other, oldest = fill(operated, three)
    with operated.client() as client:
        by_reason = {"reason": "attempts_exhausted", "limit": 1}
        dry = client.post("/replay", params=by_reason | {"dry_run": True})
        assert (dry.status_code, dry.json()["ids"]) == (200, [newest])
        first = client.post("/replay", params=by_reason)
        assert (first.status_code, first.json()["replayed"], first.json()["ids"]) == (202, 1, [newest])
        second = client.post("/replay", params=by_reason | {"cursor": first.json()["next_cursor"]}).json()
        assert second == {"replayed": 1, "ids": [oldest], "next_cursor": None}
        states = {each["id"]: each["state"] for each in client.get("/ingest").json()["items"]}
        assert states == {newest: "received", other: "failed", oldest: "received"}
        one = client.get(f"/ingest/{newest}").json()
        assert "replayed with others. Others go first" in one["waiting"]
        assert one["history"][-1]["detail"] == "replayed with others"
        assert client.post("/replay", params={"until": f"{NOON + SECOND:%Y-%m-%dT%H:%M:%SZ}"}).json()["ids"] == []


def test_GET_deliveries_lists_what_perception_has_not_got_and_POST_replay_drives_it_again(operated):
    async def work(catalog):
        dead = [(await finished(catalog, at=NOON + n * SECOND))[1] for n in range(3)]
        await died(catalog)
        return dead, (await finished(catalog))[0].id

    dead, pending = fill(operated, work)
    with operated.client() as client:
        first = client.get("/deliveries", params={"limit": 4}).json()
        rest = client.get("/deliveries", params={"limit": 4, "cursor": first["next_cursor"]}).json()
        assert rest["next_cursor"] is None
        found = [(each["sink"], each["event_id"]) for each in first["items"] + rest["items"]]
        assert found == [(sink, event.id) for sink in SINKS for event in dead]
        one = first["items"][0]
        assert (one["ingest_id"], one["last_error"]) == (dead[0].subject, "The webhook answered 503.")
        assert (one["attempts"], one["pending_since"], one["next_attempt_at"]) == (12, "2026-11-22T12:00:00Z", None)
        waits = client.get("/deliveries?state=pending").json()["items"]
        assert {each["ingest_id"] for each in waits} == {pending}
        said = client.get(f"/ingest/{dead[0].subject}").json()["waiting"]
        assert all(f"Perception ({sink}): The webhook answered 503; dead" in said for sink in SINKS)

        since = f"{NOON + SECOND:%Y-%m-%dT%H:%M:%SZ}"
        again = client.post("/deliveries/replay", params={"sink": SINKS[1], "since": since, "limit": 2})
        assert (again.status_code, again.json()) == (202, {"replayed": 2, "more": True})
        assert client.post("/deliveries/replay").json() == {"replayed": 4, "more": False}
        assert client.get("/deliveries").json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "/replay?limit=1001", "bad_query"),
        ("POST", "/replay?limit=0", "bad_query"),
        ("POST", "/replay?reason=nonsense", "bad_query"),
        ("POST", "/replay?cursor=nonsense", "bad_cursor"),
        ("GET", "/deliveries?state=delivered", "bad_query"),
        ("GET", "/deliveries?cursor=bm9uc2Vuc2U=", "bad_cursor"),
        ("GET", "/deliveries?limit=201", "bad_query"),
        ("POST", "/deliveries/replay?limit=1001", "bad_query"),
        ("POST", "/deliveries/replay?since=yesterday", "bad_query"),
    ],
)
def test_what_cannot_be_read_is_refused(client, method, path, code):
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_cursor_belongs_to_its_filters(operated):
    fill(operated, three)
    fill(operated, died)
    with operated.client() as client:
        cursor = client.get("/deliveries?limit=1").json()["next_cursor"]
        other = client.get("/deliveries", params={"cursor": cursor, "sink": SINKS[0]})
        assert (other.status_code, other.json()["code"]) == (400, "bad_cursor")
        cursor = client.post("/replay?limit=1").json()["next_cursor"]
        other = client.post("/replay", params={"cursor": cursor, "reason": "attempts_exhausted"})
        assert (other.status_code, other.json()["code"]) == (400, "bad_cursor")
