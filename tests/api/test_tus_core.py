"""tus 1.0.0, "Core Protocol", by HTTP verb; each test names its section."""

import hashlib
import os
from contextlib import closing
from signal import SIGKILL

import pytest

from tests.api.conftest import Api
from tests.api.tus import (
    APPEND,
    VERSION,
    answer_on,
    append,
    create,
    created,
    half_sent,
    head,
    named,
    offset,
    receipt,
    refused,
    terminate,
)
from tests.system.client import eventually

BODY = os.urandom(300_000)
SHA256 = hashlib.sha256(BODY).hexdigest()
NOWHERE = "/uploads/01890000-0000-7000-8000-000000000000"


def test_OPTIONS_tells_what_we_speak_without_being_asked_in_a_version(uploads):
    """See "OPTIONS", "Tus-Version", "Tus-Extension", "Tus-Max-Size" and "Checksum"."""
    for path in ("/uploads", NOWHERE):
        answer = uploads.options(path)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["tus-resumable"] == "1.0.0"
        assert answer.headers["tus-version"] == "1.0.0"
        assert answer.headers["tus-max-size"] == str(64 << 20)
        assert answer.headers["tus-checksum-algorithm"] == "sha1,sha256,md5,crc32"
        assert set(answer.headers["tus-extension"].split(",")) == {
            "creation",
            "creation-with-upload",
            "creation-defer-length",
            "expiration",
            "checksum",
            "termination",
            "concatenation",
        }


@pytest.mark.parametrize("sent", [{}, {"tus-resumable": "0.2.2"}, {"tus-resumable": ""}], ids=["none", "old", "empty"])
@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
def test_a_request_in_no_version_that_we_speak_is_refused_and_not_done(uploads, method, sent):
    """See "Tus-Resumable" and "Tus-Version"."""
    url = created(uploads, 5)
    headers = {"upload-length": "5", "upload-offset": "0", "content-type": "application/offset+octet-stream"} | sent
    answer = uploads.request(method, "/uploads" if method == "POST" else url, headers=headers, content=b"")
    refused(answer, 412, "unsupported_version")
    assert answer.headers["tus-version"] == "1.0.0"
    assert offset(uploads, url) == 0


def test_HEAD_tells_where_it_stands_and_may_not_be_cached(uploads):
    """See "HEAD"."""
    url = created(uploads, len(BODY))
    append(uploads, url, 0, BODY[:1000])
    answer = head(uploads, url)
    assert answer.status_code == 200
    assert answer.headers["upload-offset"] == "1000"
    assert answer.headers["upload-length"] == str(len(BODY))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert "upload-defer-length" not in answer.headers


@pytest.mark.parametrize("url", [NOWHERE, "/uploads/x", "/uploads/..%2f..%2fetc%2fpasswd", f"{NOWHERE}x"])
def test_what_is_no_upload_is_not_found(uploads, url):
    """See "HEAD" and "PATCH"."""
    refused(head(uploads, url), 404, "not_found")
    refused(append(uploads, url, 0, b"x"), 404, "not_found")
    refused(terminate(uploads, url), 404, "not_found")


def test_an_ingest_that_was_sent_at_once_is_no_upload(uploads):
    ingest = uploads.post("/ingest?filename=a.bin", content=b"x").json()["id"]
    refused(head(uploads, f"/uploads/{ingest}"), 404, "not_found")


def test_PATCH_appends_and_the_last_byte_makes_the_ingest_received(uploads, uploads_api):
    """See "PATCH"."""
    url, half = created(uploads, len(BODY)), len(BODY) // 2
    first = append(uploads, url, 0, BODY[:half])
    assert (first.status_code, first.content, first.headers["upload-offset"]) == (204, b"", str(half))
    assert first.headers["tus-resumable"] == "1.0.0"
    assert receipt(uploads, url)["state"] == "receiving"
    last = append(uploads, url, half, BODY[half:])
    assert (last.status_code, last.headers["upload-offset"]) == (204, str(len(BODY)))
    done = receipt(uploads, url)
    assert (done["state"], done["size"], done["sha256"]) == ("received", len(BODY), SHA256)
    assert [path.read_bytes() for path in uploads_api.files() if path.name == done["id"]] == [BODY]
    assert [move["after"] for move in done["history"]] == ["receiving", "received"]


def test_PATCH_in_any_pieces_gives_the_same_bytes(uploads, uploads_api):
    url, at = created(uploads, len(BODY)), 0
    for size in (1, 511, 2, 4096, 65_537, len(BODY)):
        piece = BODY[at : at + size]
        chunks = iter([piece[:10], piece[10:]]) if size % 2 else piece
        at = int(append(uploads, url, at, chunks).headers["upload-offset"])
    assert at == len(BODY)
    assert receipt(uploads, url)["sha256"] == SHA256


@pytest.mark.parametrize("content_type", ["application/octet-stream", "application/json", "application/offset", ""])
def test_PATCH_with_another_content_type_is_refused(uploads, content_type):
    """See "PATCH": 415."""
    url = created(uploads, 5)
    answer = append(uploads, url, 0, b"12345", content_type=content_type)
    refused(answer, 415, "append_type_wrong")
    assert offset(uploads, url) == 0


@pytest.mark.parametrize("sent", [0, 2, 4])
def test_PATCH_at_another_offset_is_a_conflict_and_changes_nothing(uploads, sent):
    """See "PATCH": 409."""
    url = created(uploads, 10)
    append(uploads, url, 0, b"123")
    answer = refused(append(uploads, url, sent, b"xx"), 409, "offset_mismatch")
    assert answer.headers["upload-offset"] == "3"
    assert offset(uploads, url) == 3


@pytest.mark.parametrize("sent", [None, "", "-1", "1.0", "x", "0x1", "1e3", "9" * 30, "+1", "1 2"])
def test_PATCH_without_an_offset_that_is_a_number_is_refused(uploads, sent):
    """See "Upload-Offset"."""
    url = created(uploads, 10)
    headers = APPEND | ({} if sent is None else {"upload-offset": sent})
    refused(uploads.patch(url, headers=headers, content=b"x"), 400, "bad_upload_header")


def test_PATCH_beyond_the_length_is_refused_and_nothing_of_it_kept(uploads):
    url = created(uploads, 4)
    refused(append(uploads, url, 0, b"12345"), 413, "too_large")
    assert offset(uploads, url) == 0
    append(uploads, url, 0, b"12")
    refused(append(uploads, url, 2, b"345"), 413, "too_large")
    assert offset(uploads, url) == 2


def test_PATCH_that_turns_out_to_go_beyond_the_length_is_refused_there(uploads, uploads_api):
    url = created(uploads, 4)
    refused(append(uploads, url, 0, iter([b"123", b"456", b"7"])), 413, "too_large")
    assert offset(uploads, url) == 4
    (stored,) = [path.read_bytes() for path in uploads_api.files() if path.name == url.rsplit("/", 1)[1]]
    assert stored == b"1234"


def test_PATCH_of_nothing_tells_where_it_stands(uploads):
    url = created(uploads, 4)
    append(uploads, url, 0, b"12")
    answer = append(uploads, url, 2, b"")
    assert (answer.status_code, answer.headers["upload-offset"]) == (204, "2")


def test_PATCH_to_a_complete_upload_takes_a_repeat_and_nothing_else(uploads):
    url = created(uploads, 4)
    append(uploads, url, 0, b"1234")
    again = append(uploads, url, 4, b"")
    assert (again.status_code, again.headers["upload-offset"]) == (204, "4")
    assert refused(append(uploads, url, 0, b"1234"), 409, "offset_mismatch").headers["upload-offset"] == "4"
    refused(append(uploads, url, 4, b"5"), 413, "too_large")
    assert receipt(uploads, url)["size"] == 4


def test_a_connection_that_is_cut_loses_nothing_and_the_upload_goes_on(uploads):
    url = created(uploads, len(BODY))
    half_sent(url, len(BODY), BODY[:100_000]).close()
    at = eventually(lambda: offset(uploads, url) == 100_000 and 100_000)
    assert append(uploads, url, at, BODY[at:]).status_code == 204
    assert receipt(uploads, url)["sha256"] == SHA256


def test_HEAD_tells_what_is_there_while_it_still_comes(uploads):
    url = created(uploads, 3 << 20)
    with closing(half_sent(url, 3 << 20, b"x" * (2 << 20))):
        assert eventually(lambda: offset(uploads, url) >= 1 << 20)


def test_a_newer_PATCH_takes_over_from_one_that_hangs(uploads):
    url = created(uploads, 8)
    hung = half_sent(url, 8, b"old ")
    assert eventually(lambda: uploads.get("/metrics").text.count("hmas_active_uploads 1.0"))
    answer = append(uploads, url, 0, b"new!")
    assert (answer.status_code, answer.headers["upload-offset"]) == (409, "4")
    status, text = answer_on(hung)
    assert (status, '"code":"upload_busy"' in text) == (423, True), text
    assert append(uploads, url, 4, b"new!").status_code == 204
    assert receipt(uploads, url)["sha256"] == hashlib.sha256(b"old new!").hexdigest()


def test_a_body_that_stalls_is_answered_and_what_came_is_kept(uploads):
    url = created(uploads, 10)
    status, text = answer_on(half_sent(url, 10, b"12345"))
    assert (status, '"code":"upload_stalled"' in text) == (423, True), text
    assert offset(uploads, url) == 5


@pytest.mark.parametrize(
    ("method", "status", "after"), [("PATCH", 204, 5), ("HEAD", 200, 0), ("patch", 204, 5), ("POST", 405, 0)]
)
def test_a_client_that_can_only_POST_names_the_method(uploads, method, status, after):
    """See "X-HTTP-Method-Override"."""
    url = created(uploads, 10)
    headers = (APPEND if after else VERSION) | {"x-http-method-override": method, "upload-offset": "0"}
    answer = uploads.post(url, headers=headers, content=b"12345" if after else None)
    assert answer.status_code == status
    assert offset(uploads, url) == after


def test_DELETE_by_POST(uploads):
    """See "X-HTTP-Method-Override"."""
    url = created(uploads, 10)
    assert uploads.post(url, headers=VERSION | {"x-http-method-override": "DELETE"}).status_code == 204
    refused(head(uploads, url), 410, "upload_gone")


def test_each_answer_names_the_version_whoever_gives_it(uploads):
    """See "Tus-Resumable": also what the router refuses."""
    assert uploads.put("/uploads", headers=VERSION).headers["tus-resumable"] == "1.0.0"


def test_an_upload_may_go_on_at_any_process_and_the_newer_request_takes_over(own_api):
    first = own_api()
    second = own_api(DATA_DIR=str(first.data))
    with first.client() as one, second.client() as two:
        url = created(one, 8)
        elsewhere = url.replace(first.url, second.url)
        hung = half_sent(url, 8, b"old ")
        assert eventually(lambda: offset(two, elsewhere) == 4)
        assert append(two, elsewhere, 4, b"new!").status_code == 204
        status, text = answer_on(hung)
        assert (status, '"code":"upload_busy"' in text) == (423, True), text
        assert offset(one, url) == 8
        assert (receipt(one, url)["state"], receipt(two, url)["size"]) == ("received", 8)


def test_a_stop_keeps_what_came_a_kill_what_was_acknowledged_and_the_next_process_goes_on(own_api):
    api = own_api()
    with api.client() as client:
        url = created(client, len(BODY))
        hung = half_sent(url, len(BODY), BODY[:50_000])
        assert eventually(lambda: client.get("/metrics").text.count("hmas_active_uploads 1.0"))
    api.stop()
    status, text = answer_on(hung)
    assert (status, '"code":"stopping"' in text) == (503, True), text
    api.start()
    with api.client() as client:
        assert offset(client, url) == 50_000
        append(client, url, 50_000, BODY[50_000:60_000])
    api.stop(SIGKILL)
    api.start()
    with api.client() as client:
        assert append(client, url, 60_000, BODY[60_000:]).status_code == 204
        done = receipt(client, url)
    assert (done["state"], done["sha256"]) == ("received", None)


def test_POST_counts_as_sending_and_the_rest_as_reading(own_api, api_redis):
    api_redis.client().flushall()
    api = own_api(RATE_LIMIT="1/minute", READ_RATE_LIMIT="3/minute")
    with api.client() as client:
        url = created(client, 10)
        refused(create(client, 10), 429, "rate_limited")
        assert [head(client, url).status_code for _ in range(4)] == [200, 200, 200, 429]
        refused(append(client, url, 0, b"x"), 429, "rate_limited")
        assert [client.options("/uploads").status_code for _ in range(5)] == [200] * 5


@pytest.fixture(scope="module")
def picture_api(tmp_path_factory, catalog, api_redis):
    """One that takes pictures alone, and stands behind a proxy."""
    env = {"REDIS_URL": api_redis.url, "ALLOWED_TYPES": "image/*", "TRUSTED_PROXIES": "127.0.0.1"}
    api = Api(tmp_path_factory.mktemp("pictures"), catalog, env).start()
    yield api
    api.stop()


@pytest.fixture
def pictures(picture_api):
    with picture_api.client() as client:
        yield client


def test_bytes_that_the_policy_refuses_end_the_upload(pictures, picture_api):
    program = b"\x7fELF" + b"\0" * 600
    url = created(pictures, len(program))
    append(pictures, url, 0, program[:3])
    refused(append(pictures, url, 3, program[3:]), 415, "media_type_not_allowed")
    refused(head(pictures, url), 410, "upload_gone")
    assert receipt(pictures, url)["state"] == "aborted"
    assert [path.name for path in picture_api.files() if path.name == url.rsplit("/", 1)[1]] == []


def test_another_address_does_not_find_the_upload(pictures):
    url = created(pictures, 10, x_forwarded_for="203.0.113.1")
    other = {"x_forwarded_for": "203.0.113.2"}
    for answer in (
        head(pictures, url, **other),
        append(pictures, url, 0, b"x", **other),
        pictures.delete(url, headers=VERSION | named(other)),
    ):
        refused(answer, 404, "not_found")
    assert head(pictures, url, x_forwarded_for="203.0.113.1").headers["upload-offset"] == "0"


def test_behind_a_proxy_the_url_is_the_one_that_the_sender_called(pictures):
    """See "Location" in "Creation"."""
    url = created(pictures, 10, host="files.example", x_forwarded_proto="https")
    assert url.startswith("https://files.example/uploads/")
