"""Who is calling, where a connection cannot tell."""

import pytest
from starlette.requests import Request

from api.callers import principal
from shared.errors import IncompleteBody


def request(client, server):
    return Request({"type": "http", "headers": [], "client": client, "server": server})


def test_a_caller_over_tcp_is_named_by_its_address():
    assert principal(request(("192.0.2.7", 4000), ("192.0.2.1", 8000))) == "address:192.0.2.7"


def test_a_connection_that_has_lost_its_address_is_nobody():
    with pytest.raises(IncompleteBody):
        principal(request(None, ("192.0.2.1", 8000)))


def test_on_a_unix_socket_all_are_one():
    assert principal(request(None, None)) == "address:unknown"
