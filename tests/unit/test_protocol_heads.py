"""Heads that come slowly, grow, or cannot be read; answers before the answer."""

import asyncio
import json
import logging

import pytest

from tests.unit.connections import SECONDS, App, answer, answered, post, run, serving

GET = b"GET / HTTP/1.1\r\nHost: a\r\n"


async def until_closed(reader):
    async with asyncio.timeout(SECONDS):
        return await reader.read()


async def trickle(reader, writer, data):
    """Send byte by byte until the other side has ended the connection; return what it said."""
    reading = asyncio.create_task(until_closed(reader))
    for byte in data:
        if reading.done():
            break
        writer.write(bytes([byte]))
        await asyncio.sleep(0.02)
    return await reading


def is_problem(sent, status, code):
    head, _, body = sent.partition(b"\r\n\r\n")
    problem = json.loads(body)
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"content-type: application/problem+json\r\n" in head
    assert b"\r\nconnection: close" in head
    assert (problem["status"], problem["code"]) == (status, code)
    return True


def served(test, header_seconds=0.3, app=None):
    async def connected():
        async with serving(app or App(), header_seconds) as server, server.connection() as connection:
            await test(server, *connection)

    run(connected())


def test_a_head_that_trickles_is_ended_with_a_reason():
    async def test(server, reader, writer):
        assert is_problem(await trickle(reader, writer, GET * 100), 408, "head_timeout")

    served(test)


def test_a_head_that_stalls_is_ended_with_a_reason():
    async def test(server, reader, writer):
        writer.write(GET)
        assert is_problem(await until_closed(reader), 408, "head_timeout")

    served(test)


@pytest.mark.parametrize("sent", [b"", b"\r\n" * 1000], ids=["nothing", "empty lines"])
def test_a_connection_that_never_names_a_request_is_ended_without_a_word(sent):
    async def test(server, reader, writer):
        try:
            assert await trickle(reader, writer, sent) == b""
        except ConnectionResetError:  # the next byte met a closed socket
            assert reader._buffer == b""

    served(test)


def test_the_time_counts_from_the_first_byte_for_each_request():
    async def test(server, reader, writer):
        for _ in range(3):
            await asyncio.sleep(0.2)
            writer.write(GET)
            await asyncio.sleep(0.2)
            writer.write(b"\r\n")
            assert await reader.readexactly(len(answer(b""))) == answer(b"")

    served(test)


def test_a_request_that_takes_longer_than_a_head_may_is_answered():
    async def slowly(scope, receive, send):
        await asyncio.sleep(0.5)
        await answered(send, b"early")

    async def test(server, reader, writer):
        writer.write(GET + b"\r\n")
        assert await reader.readexactly(len(answer(b"early"))) == answer(b"early")

    served(test, header_seconds=0.1, app=slowly)


def test_a_slow_head_behind_a_request_takes_nothing_from_its_answer():
    async def slowly(scope, receive, send):
        await asyncio.sleep(0.5)
        await answered(send, b"early")

    async def test(server, reader, writer):
        writer.write(GET + b"\r\n" + GET)
        assert await until_closed(reader) == answer(b"early", close=True)

    served(test, header_seconds=0.1, app=slowly)


LINE = b"X-%04d: " + b"x" * 1000 + b"\r\n"


@pytest.mark.parametrize(
    "head",
    [
        GET + b"".join(LINE % n for n in range(70)) + b"\r\n",
        GET + b"".join(LINE % n for n in range(700)),
        GET + b"X: " + b"x" * 700_000,
        b"GET /" + b"x" * 700_000,
    ],
    ids=["complete", "many lines", "one line", "target"],
)
def test_a_head_that_is_too_large_is_refused_with_a_reason(head):
    async def test(server, reader, writer):
        writer.write(head)
        assert is_problem(await until_closed(reader), 431, "head_too_large")

    served(test, header_seconds=SECONDS)


def test_a_head_of_60_kib_is_taken():
    async def test(server, reader, writer):
        writer.write(GET + b"".join(LINE % n for n in range(60)) + b"\r\n")
        assert await reader.readexactly(len(answer(b""))) == answer(b"")

    served(test)


@pytest.mark.parametrize(
    "trailers", [b"".join(LINE % n for n in range(700)), b"X: " + b"x" * 700_000], ids=["many lines", "one line"]
)
def test_trailers_that_are_too_large_are_refused_with_a_reason(trailers):
    async def test(server, reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n" + trailers)
        try:
            sent = await until_closed(reader)
        except ConnectionResetError:
            sent = b""
        assert sent == b"" or is_problem(sent, 431, "head_too_large")
        assert server.protocols[0].transport.is_closing()

    served(test, header_seconds=SECONDS)


def test_a_large_chunked_body_is_no_large_head():
    async def test(server, reader, writer):
        content = b"x" * 1_000_000
        chunks = b"".join(b"3e8\r\n%s\r\n" % content[:1000] for _ in range(1000)) + b"0\r\n\r\n"
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
        assert await reader.readexactly(len(answer(content))) == answer(content)

    served(test)


@pytest.mark.parametrize("sent", [b"no HTTP at all\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"])
def test_what_cannot_be_parsed_is_refused_by_a_problem_document(sent, caplog):
    async def test(server, reader, writer):
        writer.write(sent)
        assert is_problem(await until_closed(reader), 400, "bad_request")

    with caplog.at_level(logging.ERROR):
        served(test)


def test_what_cannot_be_parsed_behind_a_request_takes_nothing_from_its_answer():
    async def test(server, reader, writer):
        writer.write(post(b"/", b"x") + b"no HTTP at all\r\n\r\n")
        assert await until_closed(reader) == answer(b"x", close=True)

    served(test)


def test_a_chunk_that_cannot_be_parsed_ends_the_body_too():
    app = App()

    async def test(server, reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\nno chunk\r\n")
        assert is_problem(await until_closed(reader), 400, "bad_request")
        async with asyncio.timeout(SECONDS):
            while not app.seen:
                await asyncio.sleep(0.001)
        assert (app.seen[0].body, app.seen[0].end) == (b"x", "http.disconnect")

    served(test, app=app)


async def informing(scope, receive, send):
    await scope["extensions"]["hmas.informational"](104, [(b"upload-offset", b"7")])
    await answered(send, b"early")
    await scope["extensions"]["hmas.informational"](104, [])


def test_an_answer_before_the_answer_is_sent_at_once_and_not_after_it():
    async def test(server, reader, writer):
        writer.write(GET + b"\r\n")
        expected = b"HTTP/1.1 104 \r\nupload-offset: 7\r\n\r\n" + answer(b"early")
        assert await reader.readexactly(len(expected)) == expected
        writer.write(GET + b"Connection: close\r\n\r\n")
        assert (await until_closed(reader)).count(b"HTTP/1.1 ") == 2

    served(test, app=informing)


def test_HTTP_1_0_gets_no_answer_before_the_answer():
    """RFC 9110, section 15.2."""

    async def test(server, reader, writer):
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        assert await until_closed(reader) == answer(b"early", close=True)

    served(test, app=informing)
