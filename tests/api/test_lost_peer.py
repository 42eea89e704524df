"""A sender whose connection was reset before it was accepted, and who has long tried again."""

import os
import signal
import socket
import struct

BODY = b"sent twice\n"
HEAD = (
    b"POST /ingest?filename=twice.txt HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: one-key\r\n"
    b"Content-Type: text/plain\r\nContent-Length: 11\r\n\r\n"
)
RESET = struct.pack("ii", 1, 0)
"""A close with SO_LINGER of 0 s sends RST: https://man7.org/linux/man-pages/man7/socket.7.html"""


def test_a_reset_connection_that_waited_makes_no_second_ingest_under_the_same_key(own_api):
    api = own_api()
    os.kill(api.process.pid, signal.SIGSTOP)
    with api.socket() as lost, api.socket() as again:
        lost.sendall(HEAD + BODY)
        lost.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        lost.close()
        again.sendall(HEAD + BODY)
        os.kill(api.process.pid, signal.SIGCONT)
        assert again.recv(12) == b"HTTP/1.1 202"
    with api.client() as client:
        client.get("/health").raise_for_status()
    api.stop()
    kept = api.rows("SELECT principal, state FROM ingests WHERE state != 'aborted'")
    assert kept == [("address:127.0.0.1", "received")]
    assert len(api.files()) == 1
