"""The scenarios of tusd's end-to-end tests (https://github.com/tus/tusd, internal/e2e) through the link, and more."""

import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.clients.conftest import MIB
from tests.clients.sending import finished, grown, sending, status_on, taken_over
from tests.conformance.server import Server, received
from tests.faults.proxy import IN

RESET = struct.pack("ii", 1, 0)


@pytest.fixture
def server(site):
    with Server.at(site.uploads) as server:
        yield server


@pytest.fixture
def upload(server, content):
    return server.create(len(content))


@pytest.fixture
def begun(server, upload, content):
    """Declare all of the content, and send its beginning."""
    return lambda size: sending(server, upload, content[:size], size=len(content))


@pytest.fixture
def completed(site, server, upload, content):
    """Send what is missing, and prove that all is there."""

    def complete():
        finished(server, upload, content)
        site.holds(upload, content)

    return complete


def test_success(completed):
    completed()


def test_read_time_out(server, upload, begun, completed):
    with begun(10_000) as connection:
        assert status_on(connection) == 423
    assert server.offset(upload) == 10_000
    completed()


def test_read_time_out_on_a_line_that_went_dead(site, server, upload, begun, completed):
    with begun(MIB + 100_000) as connection:
        grown(server, upload, MIB)
        site.link.mode("stall", (IN,))
        assert status_on(connection) == 423
    site.link.reset()
    site.link.well()
    completed()


@pytest.mark.parametrize("size", [0, 1, 10_000, MIB - 1, MIB, 3 * MIB + 7])
def test_unexpected_close(server, upload, begun, completed, size):
    with begun(size):
        pass
    server.reaches(upload, size)
    completed()


@pytest.mark.parametrize("size", [0, 1, 10_000, MIB, 3 * MIB + 7])
def test_unexpected_reset(server, upload, begun, completed, size):
    with begun(size) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    assert taken_over(server, upload) <= size
    completed()


def test_lock_release(server, upload, begun, completed):
    with begun(2 * MIB) as connection:
        completed()
        assert status_on(connection) == 423


def test_length_exceeded(site, server, content):
    upload = server.create(10_000)
    server.patch(upload, 0, iter((content[:10_000], content[10_000:50_000]))).expect(400, 413)
    finished(server, upload, content[:10_000])
    site.holds(upload, content[:10_000])


def test_stop(site, server, upload, begun, content):
    with begun(2 * MIB) as connection:
        server.delete(upload).expect(204)
        assert status_on(connection) in {410, 423}
    server.head(upload).expect(404, 410)
    server.patch(upload, 0, content).expect(404, 410)
    assert [path for path in site.api.files() if path.name == upload.rsplit("/", 1)[1]] == []


def test_cut_again_and_again(site, server, upload, completed, content):
    for size in (500, 64 * 1024, MIB, 1000, MIB + 1):
        site.link.cut_after(size)
        at = server.offset(upload)
        with pytest.raises(OSError), sending(server, upload, content[at:], at=at, size=len(content) - at) as connection:  # noqa: PT011  (reset or broken pipe, as it comes)
            received(connection)
    site.link.well()
    completed()


def test_eight_who_send_the_same_at_once(site, server, upload, content):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(partial(_send_by_pieces, server, upload), [content] * 8))
    site.holds(upload, content)


def _send_by_pieces(server, upload, content):
    at = 0
    while at < len(content):
        stands = server.head(upload).expect(200, 204, 423)  # 423: another one completes it just now
        at = int(stands.headers.get("upload-offset", at))
        server.patch(upload, at, content[at : at + 700_000]).expect(204, 409, 413, 423)
