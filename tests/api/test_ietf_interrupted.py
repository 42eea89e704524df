"""Requests of the IETF draft that break off; sections are those of draft-ietf-httpbis-resumable-upload-11."""

import os
import re
import time

import pytest

from tests.api.ietf_sender import Sender, is_complete

BODY = os.urandom(3 << 20)


@pytest.fixture
def sender(uploads_api):
    with uploads_api.client() as client:
        yield Sender(client)


def head(api, method, target, **headers):
    said = {"host": api.url.removeprefix("http://"), "upload-draft-interop-version": "9"}
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items() if value)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def received(socket, until):
    """Return what came up to and with `until`."""
    came = b""
    while until not in came:
        piece = socket.recv(65536)
        assert piece, came
        came += piece
    return came.decode()


def offset_becomes(sender, url, wanted, seconds=10):
    """Wait until what was sent is told; before, HEAD may see it grow."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        offset = int(sender.offset(url).headers["upload-offset"])
        if offset == wanted:
            return offset
        time.sleep(0.02)
    raise AssertionError(offset)


def test_104_tells_the_url_before_the_bytes_are_sent(uploads_api, sender):
    """Sections 4.2.2 and 5: Location, Upload-Limit and the version; the final answer has the same Location."""
    with uploads_api.socket() as socket:
        socket.sendall(head(uploads_api, "POST", "/uploads", upload_complete="?1", content_length=str(len(BODY))))
        interim = received(socket, b"\r\n\r\n")
        assert interim.startswith("HTTP/1.1 104 ")
        assert "Upload-Draft-Interop-Version: 9\r\n" in interim
        assert "Upload-Limit: max-size=67108864, max-age=" in interim
        url = re.search("Location: (.*)\r\n", interim)[1]
        socket.sendall(BODY)
        final = received(socket, b"\r\n\r\n")
    assert final.startswith("HTTP/1.1 202")
    assert f"location: {url}\r\n" in final
    assert is_complete(sender.offset(url)) is True


@pytest.mark.parametrize("version", [None, "2", "99"])
def test_104_is_not_sent_to_a_client_that_speaks_no_version_of_ours(uploads_api, version):
    """Appendix "Draft Version Identification"."""
    with uploads_api.socket() as socket:
        said = {"upload_complete": "?1", "content_length": "4", "upload_draft_interop_version": version}
        socket.sendall(head(uploads_api, "POST", "/uploads", **said) + b"body")
        assert received(socket, b"\r\n\r\n").startswith("HTTP/1.1 202")


def test_104_comes_with_100(uploads_api):
    """Section 5: the server must not omit 100 because it has sent 104."""
    with uploads_api.socket() as socket:
        said = {"upload_complete": "?1", "content_length": "4", "expect": "100-continue"}
        socket.sendall(head(uploads_api, "POST", "/uploads", **said))
        assert "HTTP/1.1 104" in received(socket, b"HTTP/1.1 100 Continue\r\n\r\n")
        socket.sendall(b"body")
        assert received(socket, b"\r\n\r\n").startswith("HTTP/1.1 202")


def test_a_creation_that_breaks_off_goes_on_at_the_url_of_104(uploads_api, sender):
    """Section 3.1, example 1."""
    with uploads_api.socket() as socket:
        socket.sendall(head(uploads_api, "POST", "/uploads", upload_complete="?1", content_length=str(len(BODY))))
        url = re.search("Location: (.*)\r\n", received(socket, b"\r\n\r\n"))[1]
        socket.sendall(BODY[: len(BODY) // 2])
    offset = offset_becomes(sender, url, len(BODY) // 2)
    answer = sender.append(url, offset, BODY[offset:], complete=True)
    assert (answer.status_code, answer.json()["size"]) == (202, len(BODY)), answer.text
    assert [path.read_bytes() for path in uploads_api.files() if path.name == answer.json()["id"]] == [BODY]


def test_a_creation_that_breaks_off_is_found_by_its_key(uploads_api, sender):
    """Section 12.1, where no 104 comes through: the same key and an empty creation lead to the URL."""
    with uploads_api.socket() as socket:
        said = {"upload_complete": "?1", "content_length": str(len(BODY)), "idempotency_key": "cut-1"}
        socket.sendall(head(uploads_api, "POST", "/uploads", **said))
        received(socket, b"\r\n\r\n")
        socket.sendall(BODY[: len(BODY) // 2])
    found = sender.create(idempotency_key="cut-1", upload_length=str(len(BODY)))
    assert (found.status_code, is_complete(found)) == (201, False), found.text
    url = found.headers["location"]
    offset = offset_becomes(sender, url, len(BODY) // 2)
    assert sender.append(url, offset, BODY[offset:], complete=True).status_code == 202


def test_an_append_that_breaks_off_keeps_what_came(uploads_api, sender):
    """Section 4.4.2: as much as possible is appended, and the upload is not complete."""
    url = sender.create(BODY[:1000]).headers["location"]
    left = str(len(BODY) - 1000)
    said = {"upload_complete": "?1", "upload_offset": "1000", "content_length": left}
    with uploads_api.socket() as socket:
        target = url.removeprefix(uploads_api.url)
        socket.sendall(
            head(uploads_api, "PATCH", target, content_type="application/partial-upload", **said) + BODY[1000:2_000_000]
        )
    offset = offset_becomes(sender, url, 2_000_000)
    assert is_complete(sender.offset(url)) is False
    assert sender.append(url, offset, BODY[offset:], complete=True).json()["size"] == len(BODY)


def test_an_offset_is_good_for_an_append_though_an_older_one_hangs(uploads_api, sender):
    """Section 4.6: a received offset is accepted, if nothing else was sent in the meantime; what was told is kept."""
    url = sender.create().headers["location"]
    said = {"upload_complete": "?1", "upload_offset": "0", "content_length": str(len(BODY))}
    with uploads_api.socket() as socket:
        target = url.removeprefix(uploads_api.url)
        sent = head(uploads_api, "PATCH", target, content_type="application/partial-upload", **said) + BODY[: 3 << 19]
        socket.sendall(sent)
        offset = offset_becomes(sender, url, 3 << 19)
        answer = sender.append(url, offset, BODY[offset:], complete=True)
    assert (answer.status_code, answer.json()["size"]) == (202, len(BODY)), answer.text
    assert [path.read_bytes() for path in uploads_api.files() if path.name == answer.json()["id"]] == [BODY]


def test_a_creation_that_breaks_off_and_cannot_be_found_again_is_ended(uploads_api):
    """No 104 was sent and no key: nobody knows the URL, so nothing is kept for it."""
    said = {"upload_complete": "?1", "content_length": str(len(BODY)), "upload_draft_interop_version": None}
    with uploads_api.socket() as socket:
        socket.sendall(head(uploads_api, "POST", "/uploads?filename=lost.bin", **said) + BODY[: 1 << 20])
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and states(uploads_api, "lost.bin") != ["aborted"]:
        time.sleep(0.02)
    assert states(uploads_api, "lost.bin") == ["aborted"]


def states(api, filename):
    return [state for (state,) in api.rows(f"SELECT state FROM ingests WHERE filename = '{filename}'")]
