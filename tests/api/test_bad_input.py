"""What is wrong with a request gets its own problem document, quickly, and leaves nothing behind."""

import base64
import hashlib
import json
import time

import pytest

from tests.system.client import eventually

MULTIPART = {"content-type": "multipart/form-data; boundary=x"}
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n'
WRONG = f"sha-256=:{base64.b64encode(hashlib.sha256(b'other').digest()).decode()}:"


@pytest.fixture(autouse=True)
def leaves_nothing(api):
    before = sorted(api.files())
    yield
    assert sorted(api.files()) == before


def refused(answer, status, code):
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "code", "detail", "remedy", "instance"}
    assert problem["remedy"]
    assert "Traceback" not in answer.text
    assert "/data" not in answer.text
    return problem


def test_an_empty_raw_body(client):
    refused(client.post("/ingest?filename=a"), 400, "empty_file")
    refused(client.post("/ingest?filename=a", content=iter([])), 400, "empty_file")


def test_an_empty_file_part(client):
    refused(client.post("/ingest", files={"file": ("a.txt", b"")}), 400, "empty_file")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\nhello\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nhello\r\n--x--\r\n',
        FILE + FILE + b"--x--\r\n",
        FILE,
        FILE[:-3],
        b"no multipart at all",
        b"--y\r\n" + FILE,
    ],
    ids=[
        "nothing",
        "no parts",
        "no file part",
        "no filename",
        "two files",
        "no end",
        "cut",
        "not multipart",
        "wrong boundary",
    ],
)
def test_a_multipart_body_that_cannot_be_used(client, body):
    refused(client.post("/ingest", content=body, headers=MULTIPART), 400, "bad_multipart")


def test_a_multipart_body_without_a_boundary(client):
    answer = client.post("/ingest", content=FILE, headers={"content-type": "multipart/form-data"})
    refused(answer, 400, "bad_multipart")


@pytest.mark.parametrize("labels", ["[]", "no json", '{"a": 1}', '{"a": "%s"}' % ("x" * 5000)])
def test_labels_that_cannot_be_used(client, labels):
    refused(client.post("/ingest", files={"file": ("a.txt", b"x")}, data={"labels": labels}), 400, "bad_labels")


@pytest.mark.parametrize("name", ["x" * 4096, "..", "\x00"])
def test_a_name_that_cannot_be_used(client, name):
    refused(client.post("/ingest", params={"filename": name}, content=b"x"), 400, "bad_filename")


def test_a_raw_body_without_a_name(client):
    refused(client.post("/ingest", content=b"x"), 400, "bad_filename")


def test_a_wrong_digest(client):
    refused(client.post("/ingest?filename=a", content=b"x", headers={"repr-digest": WRONG}), 422, "digest_mismatch")


@pytest.mark.parametrize("header", ["sha-256=abc", "sha-256=:AAAA:", "nonsense"])
def test_a_digest_header_that_cannot_be_read(client, header):
    refused(client.post("/ingest?filename=a", content=b"x", headers={"repr-digest": header}), 400, "bad_digest_header")


def test_too_large_declared_is_refused_before_the_body(api):
    with api.socket() as connection:
        connection.sendall(head(api, length=1 << 40) + b"first bytes")
        answer = connection.makefile("rb")
        assert answer.readline().startswith(b"HTTP/1.1 413")


def test_too_large_undeclared_is_refused_at_the_limit(client):
    endless = (b"x" * (1 << 20) for _ in range(1 << 20))
    started = time.monotonic()
    refused(client.post("/ingest?filename=a", content=endless), 413, "too_large")
    assert time.monotonic() - started < 20


def test_a_type_that_is_not_allowed_is_refused_at_its_first_bytes(own_api):
    api = own_api(ALLOWED_TYPES="video/*")
    endless = (b"\x89PNG\r\n\x1a\n" + b"x" * (1 << 20) for _ in range(1 << 20))
    with api.client() as client:
        refused(client.post("/ingest?filename=a.mp4", content=endless), 415, "media_type_not_allowed")
        refused(client.post("/ingest?filename=a.mp4", content=b"\x7fELF"), 415, "media_type_not_allowed")
        assert client.post("/ingest?filename=a.mp4", content=b"\0\0\0\x18ftypmp42").status_code == 202
    assert len(api.files()) == 1


def test_a_body_that_is_cut_leaves_an_aborted_row_and_no_file(api):
    with api.socket() as connection:
        connection.sendall(head(api, length=3 << 20, name="cut.bin") + b"x" * (2 << 20))
    assert eventually(lambda: api.rows("SELECT state FROM ingests WHERE filename='cut.bin'")) == [("aborted",)]


def test_a_body_that_stalls_is_refused_and_recorded(api):
    with api.socket() as connection:
        connection.sendall(head(api, length=1000, name="stalled.bin") + b"x")
        assert connection.makefile("rb").readline().startswith(b"HTTP/1.1 408")
    assert api.rows("SELECT state FROM ingests WHERE filename='stalled.bin'") == [("aborted",)]


def test_a_multipart_head_that_stalls_is_refused(api):
    with api.socket() as connection:
        connection.sendall(head(api, length=1000, extra="Content-Type: multipart/form-data; boundary=x\r\n") + b"--x")
        assert connection.makefile("rb").readline().startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("length", ["-1", "abc", "1 1"])
def test_a_content_length_that_is_no_number(api, length):
    with api.socket() as connection:
        connection.sendall(head(api, length=length))
        assert connection.makefile("rb").readline().startswith(b"HTTP/1.1 400")


def test_no_body_is_asked_for_when_the_request_is_refused(api):
    with api.socket() as connection:
        connection.sendall(head(api, length=1 << 40, extra="Expect: 100-continue\r\n"))
        assert connection.makefile("rb").readline().startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("ident", ["x", "..%2f..%2fetc%2fpasswd", "019a0000-0000-4000-8000-000000000000", "%00"])
def test_an_id_of_another_shape_and_an_unknown_one(client, ident):
    for path in ("", "/content", "/events"):
        refused(client.get(f"/ingest/{ident}{path}"), 404, "not_found")
    refused(client.get("/ingest/019a0000-0000-7000-8000-000000000000"), 404, "not_found")


def test_an_unknown_route_and_a_wrong_method(client):
    refused(client.get("/nowhere"), 404, "not_found")
    answer = client.put("/ingest")
    refused(answer, 405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) <= {"GET", "POST"}


@pytest.mark.parametrize(
    "query", ["state=unknown", "limit=0", "limit=x", "sha256=short", "since=yesterday", "limit=201"]
)
def test_a_query_that_cannot_be_used(client, query):
    refused(client.get(f"/ingest?{query}"), 400, "bad_query")


def test_a_tampered_cursor(client):
    refused(client.get("/ingest?cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 400, "bad_cursor")


def test_a_problem_names_the_request(client):
    problem = refused(client.get("/nowhere", headers={"x-request-id": "mine-1"}), 404, "not_found")
    assert problem["instance"] == "urn:hmas:request:mine-1"


def head(api, *, length, name="a.bin", extra=""):
    start = f"POST /ingest?filename={name} HTTP/1.1\r\nHost: 127.0.0.1:{api.port}\r\n"
    return f"{start}Content-Length: {length}\r\n{extra}\r\n".encode()


def test_problems_are_json_that_says_no_more_than_it_should(client):
    answer = client.post("/ingest?filename=a", content=b"x", headers={"repr-digest": WRONG})
    assert json.loads(answer.text)["detail"].startswith("Declared sha-256=")
