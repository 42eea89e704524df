"""Many large uploads at the same time take a bounded budget of the API's memory, all together."""

import os
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import repeat

import pytest

from tests.api.test_stop import HEAD, answer_on
from tests.system.test_memory import API_LIMIT, Watch

AT_ONCE = 64
PIECE = os.urandom(1 << 20)
PIECES = 16
CLOSE = b"\r\nConnection: close\r\n\r\n"
DECLARED = (HEAD % (PIECES << 20)).replace(b"\r\n\r\n", CLOSE)
CHUNKED = b"POST /ingest?filename=a.bin HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked" + CLOSE


def upload(api, head):
    with closing(api.socket()) as connection:
        connection.settimeout(60)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        connection.sendall(head)
        for _ in range(PIECES):
            connection.sendall(PIECE if head is DECLARED else b"100000\r\n%s\r\n" % PIECE)
        if head is CHUNKED:
            connection.sendall(b"0\r\n\r\n")
        return answer_on(connection)


@pytest.mark.parametrize("head", [DECLARED, CHUNKED], ids=["declared", "chunked"])
def test_64_large_uploads_at_once_take_a_constant_budget(own_api, head):
    api = own_api()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        upload(api, head)  # warms imports, pools and arenas
        with Watch([api.process.pid]) as watch:
            answers = list(pool.map(upload, repeat(api, AT_ONCE), repeat(head)))
    assert {answer.split(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 202 Accepted"}
    assert watch.growth[api.process.pid] < API_LIMIT, f"{watch.growth[api.process.pid] >> 20} MiB"
