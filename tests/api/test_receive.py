"""POST /ingest, as senders use it."""

import base64
import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

BODY = os.urandom(300_000)
SHA256 = hashlib.sha256(BODY).hexdigest()
DIGEST = f"sha-256=:{base64.b64encode(bytes.fromhex(SHA256)).decode()}:"


def test_POST_multipart_gives_a_receipt_and_the_bytes_are_kept(client, api):
    answer = client.post(
        "/ingest", files={"file": ("clip.mp4", BODY, "video/mp4")}, data={"labels": '{"camera": "door"}'}
    )
    assert answer.status_code == 202, answer.text
    receipt = answer.json()
    assert answer.headers["location"] == f"/ingest/{receipt['id']}"
    assert receipt["state"] == "received"
    assert (receipt["size"], receipt["sha256"], receipt["digest"]) == (len(BODY), SHA256, DIGEST)
    assert (receipt["filename"], receipt["declared_type"]) == ("clip.mp4", "video/mp4")
    assert receipt["labels"] == {"camera": "door"}
    assert [path.read_bytes() for path in api.files() if path.name == receipt["id"]] == [BODY]


def test_POST_raw_is_named_by_query_or_content_disposition(client):
    headers = {"content-type": "application/octet-stream"}
    by_query = client.post(
        "/ingest", params={"filename": "a.bin", "labels": '{"a": "b"}'}, content=BODY, headers=headers
    )
    assert (by_query.status_code, by_query.json()["filename"], by_query.json()["labels"]) == (202, "a.bin", {"a": "b"})
    named = headers | {"content-disposition": "attachment; filename=\"b.bin\"; filename*=UTF-8''%C3%A9.bin"}
    by_header = client.post("/ingest", content=BODY, headers=named)
    assert (by_header.status_code, by_header.json()["filename"]) == (202, "é.bin")


def test_POST_chunked_without_a_length_is_taken(client):
    pieces = (BODY[start : start + 7_777] for start in range(0, len(BODY), 7_777))
    answer = client.post("/ingest?filename=a.bin", content=pieces)
    assert answer.status_code == 202
    assert answer.json()["sha256"] == SHA256


def test_POST_labels_may_come_before_or_after_the_file(client):
    for order in (["labels", "file"], ["file", "labels"]):
        parts = {
            "labels": b'--x\r\nContent-Disposition: form-data; name="labels"\r\n\r\n{"a": "b"}\r\n',
            "file": b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n',
        }
        body = b"".join(parts[name] for name in order) + b"--x--\r\n"
        answer = client.post("/ingest", content=body, headers={"content-type": "multipart/form-data; boundary=x"})
        assert (answer.status_code, answer.json()["labels"]) == (202, {"a": "b"}), answer.text


def test_POST_a_right_digest_is_accepted(client):
    for header in ("repr-digest", "content-digest"):
        assert client.post("/ingest?filename=a", content=BODY, headers={header: DIGEST}).status_code == 202


def test_POST_the_history_begins_at_the_first_byte(client):
    receipt = client.post("/ingest?filename=a.bin", content=BODY).json()
    full = client.get(f"/ingest/{receipt['id']}").json()
    assert [move["after"] for move in full["history"]] == ["receiving", "received"]
    assert "Waiting for a worker since" in full["waiting"]


def test_POST_the_same_key_gives_the_first_receipt_back(client, api):
    headers = {"idempotency-key": "order-1"}
    first = client.post("/ingest?filename=a.bin", content=BODY, headers=headers)
    before = len(api.files())
    second = client.post("/ingest?filename=a.bin", content=BODY, headers=headers)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert len(api.files()) == before


def test_POST_another_body_under_the_same_key_is_refused(client, api):
    headers = {"idempotency-key": "order-2"}
    client.post("/ingest?filename=a.bin", content=BODY, headers=headers)
    before = len(api.files())
    for params, body in (({"filename": "a.bin"}, BODY + b"x"), ({"filename": "b.bin"}, BODY)):
        answer = client.post("/ingest", params=params, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert len(api.files()) == before


def test_POST_the_same_key_at_once_makes_one_ingest(client, api):
    start = threading.Barrier(8)

    def send(_):
        start.wait()
        return client.post("/ingest?filename=a.bin", content=BODY, headers={"idempotency-key": "order-3"})

    before = len(api.files())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(api.files()) == before + 1


def test_POST_the_same_key_after_a_restart_gives_the_first_receipt_back(own_api):
    api = own_api()
    with api.client() as client:
        first = client.post("/ingest?filename=a.bin", content=BODY, headers={"idempotency-key": "k"}).json()
    api.stop()
    api.start()
    with api.client() as client:
        again = client.post("/ingest?filename=a.bin", content=BODY, headers={"idempotency-key": "k"})
        assert (again.status_code, again.json()["id"]) == (202, first["id"])
    assert len(api.files()) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "with space"])
def test_POST_a_key_of_another_shape_is_refused(client, key):
    answer = client.post("/ingest?filename=a.bin", content=BODY, headers={"idempotency-key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")
