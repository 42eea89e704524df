"""Previews over HTTP, of ingests that the test brings to their end as a worker would."""

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.adapters.disk_store import DiskStore
from shared.adapters.sql_catalog import SqlCatalog
from shared.ids import new_id
from shared.ingest import Preview, State
from shared.settings import Settings
from tests.api.conftest import Api
from tests.sample_ingests import claimed, settled

WEBP = b"RIFF\x04\x00\x00\x00WEBP"


@pytest.fixture(scope="module")
def shared_api(tmp_path_factory, catalog, api_redis):
    """An API of this module's own, since deleting writes events that other tests would read."""
    api = Api(tmp_path_factory.mktemp("api"), catalog, {"REDIS_URL": api_redis.url}).start()
    yield api
    api.stop()


@pytest.fixture
def taken(api, client):
    """Return a function that takes a file in, brings it to an end, and returns its id."""

    def take(state=State.COMPLETED, preview=None, content=None):
        ingest_id = client.post("/ingest?filename=a.bin", content=b"some bytes").json()["id"]
        asyncio.run(work(ingest_id, state, preview, content))
        return ingest_id

    async def work(ingest_id, state, preview, content):
        async with SqlCatalog.open(Settings(_env_file=None, data_dir=api.data).catalog_url, ()) as catalog:
            received = await catalog.get(ingest_id)
            processing = claimed(received, until=datetime.now(UTC))
            await catalog.save(received, processing)
            await catalog.save(processing, replace(settled(processing, state), preview=preview))
        if content:
            with closing(DiskStore(api.data)) as store:
                await store.put_preview(ingest_id, content)

    return take


def problem(answer):
    return answer.status_code, answer.json()["code"], answer.json()["detail"]


def test_a_preview_is_given_as_webp_and_its_receipt_links_to_it(client, taken):
    ingest_id = taken(preview=Preview.MADE, content=WEBP)
    receipt = client.get(f"/ingest/{ingest_id}").json()
    assert (receipt["preview"], receipt["links"]["preview"]) == (
        "made",
        f"{client.base_url}/ingest/{ingest_id}/preview",
    )
    answer = client.get(receipt["links"]["preview"])
    assert (answer.status_code, answer.content) == (200, WEBP)
    expected = {
        "content-type": "image/webp",
        "content-length": str(len(WEBP)),
        "etag": f'"{receipt["sha256"]}-preview"',
        "cache-control": "private, no-cache",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
    }
    assert {name: answer.headers[name] for name in expected} == expected


def test_HEAD_tells_of_a_preview_without_it(client, taken):
    path = f"/ingest/{taken(preview=Preview.MADE, content=WEBP)}/preview"
    head, got = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag"):
        assert head.headers[name] == got.headers[name]


def test_an_unchanged_preview_is_not_sent_again(client, taken):
    path = f"/ingest/{taken(preview=Preview.MADE, content=WEBP)}/preview"
    etag = client.get(path).headers["etag"]
    again = client.get(path, headers={"if-none-match": f'"other", W/{etag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("state", "preview", "expected"),
    [
        (State.COMPLETED, Preview.WANTED, (409, "in_progress", "The preview is being made.")),
        (State.COMPLETED, Preview.NONE, (404, "not_found", "No preview could be made of this file.")),
        (State.COMPLETED, None, (404, "not_found", "No preview was wanted: not of this kind, or not by our settings.")),
        (State.COMPLETED, Preview.MADE, (404, "not_found", "Not found")),
        (State.REJECTED, None, (404, "not_found", "Only completed ingests have a preview.")),
        (State.FAILED, None, (404, "not_found", "Only completed ingests have a preview.")),
    ],
)
def test_where_there_is_no_preview_the_answer_says_why(client, taken, state, preview, expected):
    assert problem(client.get(f"/ingest/{taken(state, preview)}/preview")) == expected


def test_while_it_is_being_made_the_answer_says_when_to_ask_again(client, taken):
    ingest_id = taken(preview=Preview.WANTED)
    assert client.get(f"/ingest/{ingest_id}/preview").headers["retry-after"] == "1"
    receipt = client.get(f"/ingest/{ingest_id}").json()
    assert (receipt["preview"], receipt["links"]["preview"]) == ("wanted", None)


def test_before_the_end_there_is_none_yet(client):
    receipt = client.post("/ingest?filename=a.bin", content=b"some bytes").json()
    assert (receipt["preview"], receipt["links"]["preview"]) == (None, None)
    answer = client.get(f"/ingest/{receipt['id']}/preview")
    assert problem(answer) == (409, "in_progress", "The preview is made once the ingest is completed.")


@pytest.mark.parametrize("ident", [new_id(), "..", "a.webp"])
def test_of_an_unknown_ingest_there_is_none(client, ident):
    assert client.get(f"/ingest/{ident}/preview").status_code == 404


@pytest.mark.parametrize("preview", [Preview.MADE, Preview.WANTED])
def test_a_deleted_ingest_has_no_preview_any_more(api, client, taken, preview):
    ingest_id = taken(preview=preview, content=WEBP)
    assert client.delete(f"/ingest/{ingest_id}").status_code == 204
    assert client.get(f"/ingest/{ingest_id}/preview").status_code == 410
    receipt = client.get(f"/ingest/{ingest_id}").json()
    assert (receipt["state"], receipt["preview"], receipt["links"]["preview"]) == ("deleted", None, None)
    assert list(api.data.glob(f"*/*/*/{ingest_id}")) == []


def test_the_openapi_document_tells_of_the_preview(client):
    responses = client.get("/openapi.json").json()["paths"]["/ingest/{ingest_id}/preview"]["get"]["responses"]
    assert set(responses) == {"200", "304", "404", "409", "410", "429", "503", "422"}
    assert set(responses["200"]["content"]) == {"image/webp"}
