"""The API is stopped or killed in the middle of an upload: what came is kept, and the next process goes on."""

import signal
import time

import pytest

from tests.clients.conftest import MIB, Site
from tests.clients.sending import finished, sending, status_on
from tests.conformance.checksum import checksum
from tests.conformance.server import SECONDS, Server


@pytest.fixture
def api(one):
    return one


@pytest.fixture
def server(api):
    with Server.at(f"{api.url}/uploads") as server:
        yield server


def test_a_stop_says_so_and_keeps_what_came(api, server, content):
    upload = server.create(len(content))
    with sending(server, upload, content[: 2 * MIB + 1], size=len(content)) as connection:
        api.process.send_signal(signal.SIGTERM)
        assert status_on(connection) == 503
    assert api.process.wait(30) == 0
    api.start_again()
    assert server.offset(upload) == 2 * MIB + 1
    finished(server, upload, content)
    Site(api).holds(upload, content)


def test_killed_again_and_again_it_loses_nothing_that_was_acknowledged(api, server, content):
    upload = server.create(len(content))
    acknowledged = 0
    for size in (1, 2 * MIB, 100_000):
        coming = content[acknowledged : acknowledged + size]
        with sending(server, upload, coming, at=acknowledged, size=len(content) - acknowledged):
            seen = server.offset(upload)
            api.stop(signal.SIGKILL)
        api.start_again()
        now = server.offset(upload)
        assert acknowledged <= seen <= now <= acknowledged + size
        acknowledged = now + 1000
        server.patch(upload, now, content[now:acknowledged]).expect(204, upload_offset=acknowledged)
    finished(server, upload, content)
    Site(api).holds(upload, content)


def test_killed_before_a_checksum_was_checked_nothing_of_that_append_counts(api, server, content):
    upload = server.create(len(content))
    given = {"size": len(content), "upload_checksum": checksum(content)}
    with sending(server, upload, content[: 3 * MIB], **given):
        until = time.monotonic() + SECONDS
        while not any(path.stat().st_size >= MIB for path in _bytes_of(api, upload)):
            assert time.monotonic() < until
        assert server.offset(upload) == 0
        api.stop(signal.SIGKILL)
    api.start_again()
    assert server.offset(upload) == 0
    finished(server, upload, content)
    Site(api).holds(upload, content)


def test_killed_before_it_answered_the_last_byte_it_is_completed_afterwards(api, server, content):
    upload = server.create(len(content))
    with sending(server, upload, content, size=len(content)):
        api.stop(signal.SIGKILL)
    api.start_again()
    finished(server, upload, content)
    Site(api).holds(upload, content)


def test_what_was_received_is_still_complete_after_a_kill(api, server, content):
    upload = server.create(len(content))
    finished(server, upload, content)
    api.stop(signal.SIGKILL)
    api.start_again()
    server.head(upload).expect(200, 204, upload_offset=len(content), upload_length=len(content))
    Site(api).holds(upload, content)


def _bytes_of(api, upload):
    return [path for path in api.files() if path.name == upload.rsplit("/", 1)[1]]
