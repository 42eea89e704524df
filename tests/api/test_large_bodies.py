"""Large bodies with a declared length, which our server reads past its parser: the promises of every upload hold."""

import hashlib
import os
import re
from contextlib import closing
from signal import SIGTERM

import httpx
import pytest

from tests.api.test_stop import HEAD, STOP_SECONDS, answer_on
from tests.system.client import eventually

LARGE = os.urandom(20_000_000)
SHA256 = hashlib.sha256(LARGE).hexdigest()


def head(*headers):
    return (HEAD % len(LARGE)).replace(b"\r\n\r\n", b"\r\n".join((b"", *headers, b"", b"")))


def metric(api, name):
    found = re.search(rf"^{name} (\S+)$", httpx.get(f"{api.url}/metrics").text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def aborted(api):
    return api.rows("SELECT detail FROM moves WHERE after = 'aborted'")


def test_uploads_and_reads_share_a_connection_and_may_be_sent_ahead(api):
    with closing(api.socket()) as connection:
        upload, last = head() + LARGE, head(b"Connection: close") + LARGE
        connection.sendall(upload + b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n" + upload + last)
        answers = answer_on(connection)
    assert re.findall(rb"HTTP/1.1 (\d+) ", answers) == [b"202", b"200", b"202", b"202"]
    assert answers.count(SHA256.encode()) == 3


def test_the_answer_to_expect_is_sent_before_the_body(api):
    with closing(api.socket()) as connection:
        connection.sendall(head(b"Expect: 100-continue", b"Connection: close"))
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(LARGE)
        assert SHA256.encode() in answer_on(connection)


def test_all_bytes_are_counted(api):
    names = ('hmas_ingest_size_bytes_sum{way="raw"}', "hmas_upload_bytes_per_second_count")
    before = [metric(api, re.escape(name)) for name in names]
    httpx.post(f"{api.url}/ingest?filename=a.bin", content=LARGE).raise_for_status()
    assert [metric(api, re.escape(name)) for name in names] == [before[0] + len(LARGE), before[1] + 1]


def test_a_wrong_digest_is_refused_and_leaves_nothing(api):
    before = api.files()
    headers = {"repr-digest": "sha-256=:" + "A" * 43 + "=:"}
    answer = httpx.post(f"{api.url}/ingest?filename=a.bin", content=LARGE, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "digest_mismatch")
    assert api.files() == before


def test_a_type_that_is_not_admitted_is_refused_by_the_first_bytes_and_the_rest_read_away(own_api):
    api = own_api(ALLOWED_TYPES="video/mp4")
    with closing(api.socket()) as begun, closing(api.socket()) as whole:
        begun.sendall(head())
        begun.sendall(b"%PDF-1.7\n".ljust(600))
        assert begun.recv(1000).startswith(b"HTTP/1.1 415 ")
        whole.sendall(head() + b"%PDF-1.7\n" + LARGE[9:])
        assert answer_on(whole).startswith(b"HTTP/1.1 415 ")
    assert api.files() == []


@pytest.mark.parametrize("size", [100, 10_000_000])
def test_a_connection_that_breaks_leaves_a_row_and_no_bytes(api, size):
    files, rows = api.files(), aborted(api)
    with closing(api.socket()) as connection:
        connection.sendall(head() + LARGE[:size])
    assert eventually(lambda: aborted(api) == [*rows, ("disconnected",)])
    assert api.files() == files


@pytest.mark.parametrize("size", [100, 10_000_000])
def test_a_sender_that_stalls_is_refused(api, size):
    files, rows = api.files(), aborted(api)
    with closing(api.socket()) as connection:
        connection.sendall(head() + LARGE[:size])
        answer = answer_on(connection)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"idle_timeout"' in answer
    assert aborted(api) == [*rows, ("idle",)]
    assert api.files() == files


def test_a_stop_breaks_it_off_with_a_reason(own_api):
    api = own_api()
    with closing(api.socket()) as begun, closing(api.socket()) as half:
        begun.sendall(head() + LARGE[:100])
        half.sendall(head() + LARGE[:10_000_000])
        assert eventually(lambda: metric(api, "hmas_active_uploads") == 2)
        api.process.send_signal(SIGTERM)
        for connection in (begun, half):
            answer = answer_on(connection)
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b'"code":"stopping"' in answer
    assert api.process.wait(STOP_SECONDS) == 0
    assert aborted(api) == [("stopped",), ("stopped",)]
    assert api.files() == []
