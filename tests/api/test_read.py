"""Reading receipts, lists, events, metrics and the documentation."""

import json
import os
import re
from pathlib import Path

import pytest

from shared.ingest import REASONS
from shared.metadata import VideoMetadata
from tests.system.client import eventually

BODY = os.urandom(1000)


@pytest.fixture(scope="module")
def three(shared_api):
    with shared_api.client() as client:
        return [client.post(f"/ingest?filename=list-{n}.bin", content=BODY).json() for n in range(3)]


def names(answer):
    return [item["filename"] for item in answer.json()["items"]]


def test_GET_one_gives_its_receipt_history_and_deliveries(client, three):
    full = client.get(f"/ingest/{three[0]['id']}").json()
    assert {key: full[key] for key in ("id", "size", "sha256", "filename")} == {
        key: three[0][key] for key in ("id", "size", "sha256", "filename")
    }
    assert full["deliveries"] == []
    assert full["links"]["self"].endswith(f"/ingest/{three[0]['id']}")


def test_GET_list_is_newest_first_and_pages_without_doubles(client, three):
    first = client.get("/ingest?limit=2")
    assert names(first) == ["list-2.bin", "list-1.bin"]
    second = client.get("/ingest", params={"limit": 2, "cursor": first.json()["next_cursor"]})
    assert names(second)[0] == "list-0.bin"


@pytest.mark.parametrize(
    "query", ["filename=list-1.bin", "sha256={sha256}&filename=list-1.bin", "state=received&filename=list-1.bin"]
)
def test_GET_list_filters(client, three, query):
    assert names(client.get("/ingest?" + query.format(**three[1]))) == ["list-1.bin"]


def test_GET_list_by_time(client, three):
    since = {"since": three[1]["created_at"][:23] + "Z", "limit": 200}
    assert "list-1.bin" in names(client.get("/ingest", params=since))
    until = {"until": three[1]["created_at"][:23] + "Z", "limit": 200, "filename": "list-2.bin"}
    assert names(client.get("/ingest", params=until)) == []


def test_GET_content_of_an_unfinished_one_is_refused(client, three):
    answer = client.get(f"/ingest/{three[0]['id']}/content")
    assert (answer.status_code, answer.json()["code"]) == (409, "in_progress")


def test_POST_release_of_an_unfinished_one_is_refused(client, three):
    released = client.post(f"/ingest/{three[0]['id']}/release")
    assert (released.status_code, released.json()["code"]) == (409, "not_releasable")


def test_GET_quarantine_lists_nothing_that_is_not_rejected(client, three):
    assert client.get("/quarantine").json() == {"items": [], "next_cursor": None}


def test_DELETE_and_replay_of_an_unfinished_one_are_refused(client, three):
    deleted = client.delete(f"/ingest/{three[0]['id']}")
    assert (deleted.status_code, deleted.json()["code"]) == (409, "in_progress")
    replayed = client.post(f"/ingest/{three[0]['id']}/replay")
    assert (replayed.status_code, replayed.json()["code"]) == (409, "not_replayable")


def test_GET_events_streams_the_moves_so_far_and_goes_on(client, three):
    with client.stream("GET", f"/ingest/{three[0]['id']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        data = [json.loads(line[5:]) for line in (next(lines) for _ in range(8)) if line.startswith("data:")]
    assert [move["after"] for move in data] == ["receiving", "received"]


def test_GET_the_event_log_is_empty_before_any_end(client):
    answer = client.get("/events?after=0&limit=10")
    assert (answer.status_code, answer.json()) == (200, [])
    assert answer.headers["content-type"] == "application/cloudevents-batch+json"


def test_GET_metrics_counts_what_was_received(client, three):
    text = client.get("/metrics").text
    for name in ("hmas_ingest_size_bytes_bucket", "hmas_chunk_bytes_per_second_bucket", "hmas_active_uploads 0.0"):
        assert name in text
    assert "http_requests_total" in text
    assert "list-0.bin" not in text
    assert three[0]["id"] not in text


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/ingest?limit=1", 'handler="/ingest",method="GET",status="2xx"'),
        ("GET", "/ingest/nonsense/content", 'handler="/ingest/{ingest_id}/content",method="GET",status="4xx"'),
        ("PATCH", "/ingest", 'handler="/ingest",method="PATCH",status="4xx"'),
        ("GET", "/nowhere/at/all", 'handler="none",method="GET",status="4xx"'),
    ],
)
def test_GET_metrics_counts_requests_by_method_route_and_class_of_status(client, method, path, labels):
    client.request(method, path)
    assert f"http_requests_total{{{labels}}}" in client.get("/metrics").text


def test_probes_and_scrapes_are_not_counted(client):
    client.get("/health")
    assert 'handler="/health"' not in client.get("/metrics").text


def test_GET_ready_names_each_part(client):
    answer = client.get("/ready")
    assert answer.status_code == 200
    assert set(answer.json()["parts"]) == {"process", "redis", "catalog", "disk", "backlog"}


def test_every_answer_carries_the_requests_id_and_the_log_has_it(api, client):
    assert client.get("/health", headers={"x-request-id": "abc.1"}).headers["x-request-id"] == "abc.1"
    assert client.get("/health", headers={"x-request-id": "bad id"}).headers["x-request-id"] != "bad id"
    client.get("/ingest?limit=1", headers={"x-request-id": "abc.2"})

    def logged():
        lines = [json.loads(line) for line in api.log.read_text().splitlines()]
        return [line for line in lines if line.get("request_id") == "abc.2"]

    mine = eventually(logged)
    assert [(line["path"], line["status"], line["logger"]) for line in mine] == [("/ingest", 200, "api.requests")]


def test_the_openapi_document_tells_of_the_streamed_bodies(client):
    document = client.get("/openapi.json").json()
    post = document["paths"]["/ingest"]["post"]
    assert set(post["requestBody"]["content"]) == {"multipart/form-data", "application/octet-stream", "*/*"}
    assert {"202", "400", "413", "415", "422", "429", "503", "507"} <= set(post["responses"])
    assert "application/problem+json" in post["responses"]["413"]["content"]


def test_the_openapi_document_defines_whatever_it_refers_to_and_tells_of_kinds_and_reasons(client):
    text = client.get("/openapi.json").text
    schemas = json.loads(text)["components"]["schemas"]
    assert set(re.findall(r'"#/components/schemas/(\w+)"', text)) == schemas.keys()
    assert set(schemas["VideoMetadata"]["properties"]) == VideoMetadata.model_fields.keys()
    assert all(text in schemas["ReasonModel"]["properties"]["code"]["description"] for text in REASONS.values())


def test_the_openapi_examples_work_as_written(client):
    post = client.get("/openapi.json").json()["paths"]["/ingest"]["post"]
    examples = {parameter["name"]: parameter["example"] for parameter in post["parameters"]}
    labels = post["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]["labels"]["example"]
    part = client.post("/ingest", files={"file": ("a.txt", b"hello")}, data={"labels": labels})
    assert (part.status_code, part.json()["labels"]) == (202, json.loads(labels))
    key = {"idempotency-key": examples["Idempotency-Key"]}
    by_query = {"filename": examples["filename"], "labels": examples["labels"]}
    assert client.post("/ingest", params=by_query, content=b"hello", headers=key).status_code == 202
    named = {"content-disposition": examples["Content-Disposition"]}
    assert client.post("/ingest", content=b"hello", headers=named).json()["filename"] == "notes.txt"
    digest = {"repr-digest": examples["Repr-Digest"]}
    assert client.post("/ingest?filename=a", content=b"hello", headers=digest).json()["code"] == "digest_mismatch"


def test_the_documentation_needs_nothing_from_elsewhere(client):
    page = client.get("/docs").text
    assets = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert assets
    assert [client.get(asset).status_code for asset in assets] == [200] * len(assets)
    assert not re.search(r"https?://", page)


def test_the_events_schema_is_the_shipped_one(client):
    shipped = Path(__file__).parents[2] / "docs/schemas/hmas.ingest.v1.json"
    assert client.get("/schemas/hmas.ingest.v1.json").json() == json.loads(shipped.read_text())
