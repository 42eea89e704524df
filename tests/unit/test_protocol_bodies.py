"""Bodies on their way through our protocol, past the parser (straight) or through it: every promise on both roads."""

import asyncio
import hashlib
import os
import ssl
import subprocess

import pytest
from starlette.requests import Request

from api import gathering
from api.requests import large_body_of
from tests.unit.connections import LOOPS, SECONDS, App, Seen, answer, answered, post, run, serving

LARGE = os.urandom(3_000_000)


@pytest.fixture(params=LOOPS)
def on_loop(request):
    """Run a test's coroutine: uvloop serves in production, asyncio's own loop must do as well."""
    return lambda test: run(test, request.param)


@pytest.fixture(params=[True, False], ids=["straight", "parsed"])
def app(request):
    return lambda: App(straight=request.param)


async def exchange(reader, writer, request, expected):
    """Send the request, and prove that exactly the expected answer comes."""
    writer.write(request)
    async with asyncio.timeout(SECONDS):
        assert await reader.readexactly(len(expected)) == expected


def test_a_large_body_comes_as_it_was_sent(app, on_loop):
    async def test():
        seen = app()
        async with serving(seen) as server, server.connection() as connection:
            await exchange(*connection, post(b"/", LARGE), answer(LARGE))
        assert seen.seen == [Seen("/", LARGE, "http.request")]
        return seen

    seen = on_loop(test())
    assert seen.straight is any(isinstance(piece, memoryview) for piece in seen.pieces)
    assert b"".join(seen.pieces) == LARGE, "a piece that is held stays as it is"


def test_the_connection_is_kept_for_the_next_request_and_the_one_after_that(app, on_loop):
    async def test():
        async with serving(app()) as server, server.connection() as connection:
            for content in (LARGE, b"", LARGE[:1000], LARGE):
                await exchange(*connection, post(b"/", content), answer(content))

    on_loop(test())


def test_who_asks_for_views_again_and_again_gets_the_same(on_loop):
    async def asking(scope, receive, send):
        body, more = bytearray(), True
        while more:
            scope["extensions"]["hmas.body"].read_straight()
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        scope["extensions"]["hmas.body"].read_straight()
        await answered(send, f"{len(body)} {hashlib.sha256(body).hexdigest()}".encode())

    async def test():
        async with serving(asking) as server, server.connection() as connection:
            for content in (LARGE, b"next"):
                await exchange(*connection, post(b"/", content), answer(content))

    on_loop(test())


def test_requests_that_are_sent_ahead_are_answered_in_their_order(app, on_loop):
    async def test():
        contents = [LARGE, b"small", LARGE[1000:], b""]
        async with serving(app()) as server, server.connection() as connection:
            requests = b"".join(post(b"/", content) for content in contents)
            await exchange(*connection, requests, b"".join(map(answer, contents)))

    on_loop(test())


def test_a_connection_that_is_to_end_is_ended_after_the_answer(app, on_loop):
    async def test():
        async with serving(app()) as server, server.connection() as (reader, writer):
            await exchange(reader, writer, post(b"/", LARGE, b"Connection: close"), answer(LARGE, close=True))
            assert await reader.read() == b""

    on_loop(test())


def test_100_continue_is_sent_once_the_app_asks_for_the_body(app, on_loop):
    async def test():
        waiting = app()
        waiting.may_read.clear()
        async with serving(waiting) as server, server.connection() as (reader, writer):
            request = post(b"/", LARGE, b"Expect: 100-continue")
            writer.write(request[: -len(LARGE)])
            await server.settled()
            assert not reader._buffer
            waiting.may_read.set()
            assert await reader.readexactly(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
            await exchange(reader, writer, LARGE, answer(LARGE))

    on_loop(test())


def test_the_first_bytes_come_before_the_rest_is_sent(app, on_loop):
    async def test():
        judging = app()
        async with serving(judging) as server, server.connection() as (reader, writer):
            request = post(b"/", LARGE)
            writer.write(request[: -len(LARGE)])
            await server.settled()
            writer.write(LARGE[:600])
            async with asyncio.timeout(SECONDS):
                await judging.came.wait()
            assert bytes(judging.pieces[0]) == LARGE[:600]
            await exchange(reader, writer, LARGE[600:], answer(LARGE))

    on_loop(test())


def test_a_slow_sender_is_heard_before_a_buffer_is_full(app, on_loop):
    async def test():
        hearing = app()
        async with serving(hearing) as server, server.connection() as (reader, writer):
            request = post(b"/", LARGE)
            writer.write(request[: -len(LARGE)])
            for start in range(0, 3000, 1000):
                hearing.came.clear()
                writer.write(LARGE[start : start + 1000])
                async with asyncio.timeout(SECONDS):
                    await hearing.came.wait()
                assert b"".join(hearing.pieces) == LARGE[: start + 1000]
            await exchange(reader, writer, LARGE[3000:], answer(LARGE))

    on_loop(test())


@pytest.mark.parametrize("cut", [0, 1, 700_000, len(LARGE) - 1])
def test_where_the_connection_ends_what_came_before_is_given_first(app, on_loop, cut):
    async def test():
        keeping = app()
        async with serving(keeping) as server:
            async with server.connection() as (_, writer):
                writer.write(post(b"/", LARGE)[: cut - len(LARGE)])
                await writer.drain()
            async with asyncio.timeout(SECONDS):
                while not keeping.seen:
                    await asyncio.sleep(0.001)
        assert keeping.seen == [Seen("/", LARGE[:cut], "http.disconnect")]

    on_loop(test())


def test_an_app_that_does_not_ask_is_not_sent_more_than_a_buffer(app, on_loop):
    async def test():
        busy = app()
        async with serving(busy) as server, server.connection() as (reader, writer):
            writer.write(post(b"/", LARGE * 10)[:1000])
            async with asyncio.timeout(SECONDS):
                await busy.came.wait()
            busy.may_read.clear()
            writer.write(post(b"/", LARGE * 10)[1000:])
            await server.settled()
            (protocol,) = server.protocols
            assert protocol.flow.read_paused
            assert protocol._body._waiting <= gathering.BATCH_BYTES + 65536
            busy.may_read.set()
            await exchange(reader, writer, b"", answer(LARGE * 10))

    on_loop(test())


def test_after_an_early_answer_the_rest_of_the_body_is_read_away(app, on_loop):
    async def test():
        async with serving(app()) as server, server.connection() as connection:
            requests = post(b"/early", LARGE) + post(b"/", b"next")
            await exchange(*connection, requests, answer(b"early") + answer(b"next"))

    on_loop(test())


def test_after_an_early_answer_a_rest_that_does_not_come_ends_the_connection(app, on_loop):
    async def test():
        async with serving(app(), header_seconds=0.2) as server, server.connection() as (reader, writer):
            await exchange(reader, writer, post(b"/early", LARGE)[:200], answer(b"early"))
            async with asyncio.timeout(SECONDS):
                while not reader.at_eof():
                    writer.write(b"x")
                    await asyncio.sleep(0.02)
                    if reader._eof:
                        break

    on_loop(test())


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    key, path = folder / "key.pem", folder / "certificate.pem"
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1")
    subprocess.run([*made, "-keyout", key, "-out", path], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path, key)
    return context, ssl.create_default_context(cafile=path)


def test_inside_TLS_a_body_takes_the_parsers_road(app, on_loop, certificate):
    ours, theirs = certificate

    async def test():
        seen = app()
        async with (
            serving(seen, ssl=ours) as server,
            server.connection(ssl=theirs, server_hostname="localhost") as connection,
        ):
            for content in (LARGE, b"next"):
                await exchange(*connection, post(b"/", content), answer(content))
        assert all(isinstance(piece, bytes) for piece in seen.pieces)

    on_loop(test())


async def test_on_another_server_the_body_comes_by_receive_alone():
    async def receive():
        return {"type": "http.request", "body": LARGE, "more_body": False}

    scope = {"type": "http", "headers": [(b"content-length", str(len(LARGE)).encode())], "state": {}}
    assert [piece async for piece in large_body_of(Request(scope, receive))] == [LARGE]


def test_a_chunked_body_takes_the_parsers_road(app, on_loop):
    async def test():
        seen = app()
        chunks = b"".join(b"%x\r\n%s\r\n" % (n, LARGE[:n]) for n in (1, 70_000, 2)) + b"0\r\n\r\n"
        content = LARGE[:1] + LARGE[:70_000] + LARGE[:2]
        async with serving(seen) as server, server.connection() as connection:
            head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            await exchange(*connection, head + chunks + post(b"/", b"next"), answer(content) + answer(b"next"))
        assert all(isinstance(piece, bytes) for piece in seen.pieces)

    on_loop(test())


def test_many_tiny_pieces_are_joined(on_loop):
    async def test():
        slow = App(straight=False)
        slow.may_read.clear()
        content = LARGE[:6000]
        chunks = b"".join(b"2\r\n%s\r\n" % content[n : n + 2] for n in range(0, len(content), 2)) + b"0\r\n\r\n"
        async with serving(slow) as server, server.connection() as (reader, writer):
            writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
            await server.settled()
            slow.may_read.set()
            await exchange(reader, writer, b"", answer(content))
        assert len(slow.pieces) < 10

    on_loop(test())


def test_a_parsed_piece_that_waits_alone_is_not_copied(on_loop, monkeypatch):
    async def test():
        seen = App(straight=False)
        async with serving(seen) as server, server.connection() as connection:
            taken = []

            def take(piece):
                taken.append(piece)
                type(server.protocols[0]._body).take(server.protocols[0]._body, piece)

            connection[1].write(post(b"/", LARGE)[:500])
            await server.settled()
            monkeypatch.setattr(server.protocols[0]._body, "take", take)
            await exchange(*connection, post(b"/", LARGE)[500:], answer(LARGE))
        assert all(any(piece is other for other in seen.pieces) for piece in taken if len(piece) > 65536)
        assert any(len(piece) > 65536 for piece in taken)

    on_loop(test())
