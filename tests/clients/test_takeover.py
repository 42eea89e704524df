"""A newer request takes an upload over from an older one that hangs, which keeps what it had; see api/resuming."""

from contextlib import ExitStack

import pytest

from tests.clients.conftest import MIB, Site
from tests.clients.sending import finished, grown, moved, sending, status_on, taken_over
from tests.conformance.server import Server


@pytest.mark.parametrize("places", [("one", "one"), ("one", "other"), ("other", "one")], ids=" then ".join)
def test_the_newer_one_goes_on_where_the_older_one_was(request, places, content):
    older, newer = (request.getfixturevalue(place) for place in places)
    with Server.at(f"{older.url}/uploads") as server, Server.at(f"{newer.url}/uploads") as newer_server:
        upload = server.create(len(content))
        with sending(server, upload, content[: 2 * MIB + 5], size=len(content)) as connection:
            grown(server, upload, MIB)
            assert MIB <= taken_over(newer_server, moved(upload, newer.url)) <= 2 * MIB + 5
            finished(newer_server, moved(upload, newer.url), content)
            assert status_on(connection) == 423
    Site(newer).holds(upload, content)


def test_nothing_is_lost_when_four_take_over_from_each_other(one, other, content):
    with Server.at(f"{one.url}/uploads") as server, ExitStack() as connections:
        upload = server.create(len(content))
        at = 0
        for place in (one, other, other, one):
            piece = content[at : at + MIB + 100_000]
            taking_over = sending(server, moved(upload, place.url), piece, at=at, size=len(content) - at)
            connections.enter_context(taking_over)
            seen = grown(server, upload, at + MIB)
            at = taken_over(server, upload)
            assert seen <= at
        finished(server, upload, content)
    Site(one).holds(upload, content)


def test_asking_for_the_offset_ends_no_append(one, content):
    with Server.at(f"{one.url}/uploads") as server:
        upload = server.create(len(content))
        with sending(server, upload, b"", size=len(content)) as connection:
            for start in range(0, len(content), MIB):
                connection.sendall(content[start : start + MIB])
                assert server.offset(upload) <= start + MIB
            assert status_on(connection) == 204
    Site(one).holds(upload, content)
