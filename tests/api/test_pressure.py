"""Too much waits, or the disk is full: uploads are refused before their body is read, and all else goes on."""

import re
import socket
import sqlite3
from contextlib import closing

import pytest

from tests.system.client import eventually

KIB = b"x" * 1024


def announced(api, size, *headers):
    """Send the head of an upload and nothing of its body; return the answer's head and body."""
    lines = ("POST /ingest?filename=a.bin HTTP/1.1", "Host: api", f"Content-Length: {size}", *headers, "", "")
    with api.socket() as connection:
        connection.sendall("\r\n".join(lines).encode())
        return answer_of(connection)


def answer_of(connection):
    answer = b""
    while b"}" not in answer:
        piece = connection.recv(65536)
        assert piece, answer
        answer += piece
    return answer.decode().split("\r\n\r\n", 1)


def refused(answer, status, code):
    head, body = answer
    assert head.startswith(f"HTTP/1.1 {status} "), head
    assert f'"code":"{code}"' in body
    assert 1 <= int(re.search(r"retry-after: (\d+)", head)[1]) <= 120


@pytest.fixture
def crowded(own_api):
    """An API where three ingests wait, and no more may."""
    api = own_api(WAITING_HIGH="3", WAITING_LOW="1")
    with api.client() as client:
        ids = [client.post("/ingest?filename=a.txt", content=KIB).json()["id"] for _ in range(3)]
        assert eventually(lambda: client.get("/ready").status_code == 503)
    return api, ids


def worked_off(api, ids):
    with closing(sqlite3.connect(api.data / "catalog.db")) as connection, connection:
        for ident in ids:
            connection.execute("UPDATE ingests SET state = 'processing' WHERE id = ?", (ident,))


@pytest.mark.parametrize("headers", [(), ("Expect: 100-continue",)], ids=["", "expects 100"])
@pytest.mark.parametrize("size", [1, 1 << 25])
def test_POST_while_too_much_waits_is_refused_before_the_body(crowded, size, headers):
    api, _ = crowded
    refused(announced(api, size, *headers), 503, "overloaded")
    assert len(api.files()) == 3


def test_all_else_goes_on_while_too_much_waits(crowded):
    api, ids = crowded
    with api.client() as client:
        assert client.get("/health").status_code == 200
        assert client.get(f"/ingest/{ids[0]}").json()["state"] == "received"
        assert client.get("/ingest").status_code == 200
        assert client.delete(f"/ingest/{ids[0]}").json()["code"] == "in_progress"
        parts = client.get("/ready").json()["parts"]
        assert {name: part["ok"] for name, part in parts.items()} == {
            "process": True,
            "redis": True,
            "catalog": True,
            "disk": True,
            "backlog": False,
        }
        assert parts["backlog"]["detail"] == "3 ingests wait; uploads are taken in again once it is 1."
        figures = client.get("/metrics").text
    assert 'hmas_refusing_uploads{because="backlog"} 1.0' in figures
    assert 'hmas_refusing_uploads{because="disk"} 0.0' in figures
    assert 'hmas_backlog_ingests{mark="high"} 3.0' in figures


def test_POST_is_admitted_again_by_itself_at_the_low_mark_and_not_before(crowded):
    api, ids = crowded
    with api.client() as client:
        worked_off(api, ids[:1])
        assert client.get("/ready").status_code == 503
        assert client.post("/ingest?filename=a.txt", content=KIB).json()["code"] == "overloaded"
        worked_off(api, ids[1:2])
        assert eventually(lambda: client.post("/ingest?filename=a.txt", content=KIB).status_code == 202)
        assert client.get("/ready").status_code == 200


@pytest.mark.parametrize("headers", [(), ("Expect: 100-continue",)], ids=["", "expects 100"])
def test_POST_while_the_disk_is_full_is_refused_before_the_body(own_api, headers):
    api = own_api(MIN_FREE_BYTES=str(1 << 60))
    refused(announced(api, 1, *headers), 507, "storage_full")
    with api.client() as client:
        assert client.get("/ready").json()["parts"]["disk"]["ok"] is False
        assert 'hmas_refusing_uploads{because="disk"} 1.0' in client.get("/metrics").text


def test_POST_that_declares_more_than_there_is_is_refused_before_the_body(own_api):
    refused(announced(own_api(MAX_UPLOAD_BYTES=str(1 << 60)), 1 << 55), 507, "storage_full")


def test_POST_for_whose_bytes_another_upload_has_been_promised_the_room_is_refused(own_api):
    """Both would fit alone. The second is told with its first batch, not once the disk is full."""
    api = own_api(MAX_UPLOAD_BYTES=str(1 << 60))
    with api.client() as client:
        free = _free(client) - (1 << 28)
    with _begun(api, free * 2 // 3) as first:
        assert eventually(lambda: list((api.data / "incoming").iterdir()))
        with _begun(api, free * 2 // 3) as second:
            refused(answer_of(second), 507, "storage_full")
        first.close()
        assert eventually(lambda: not api.files())
    with _begun(api, free * 2 // 3):
        assert eventually(lambda: list((api.data / "incoming").iterdir()))


def _free(client):
    line = re.search(r'^hmas_disk_free_bytes\{mark="now"\} (\S+)$', client.get("/metrics").text, re.MULTILINE)
    return int(float(line[1]))


def _begun(api, size):
    connection: socket.socket = api.socket()
    head = f"POST /ingest?filename=a.bin HTTP/1.1\r\nHost: api\r\nContent-Length: {size}\r\n\r\n"
    connection.sendall(head.encode() + bytes(4 << 20))
    return connection
