"""Interim responses on uvicorn's protocol, over a real socket (RFC 9110, section 15.2)."""

import asyncio
import socket

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from api.interim import EXTENSION, UPLOAD_RESUMPTION_SUPPORTED, InterimProtocol, inform


async def app(scope, receive, send):
    """Read the body, tell of it in between, and once more after the answer has begun."""
    request = Request(scope, receive)
    await inform(request, UPLOAD_RESUMPTION_SUPPORTED, {"Location": f"http://here{request.url.path}"})
    body = await request.body()
    await PlainTextResponse(f"{len(body)} {EXTENSION in scope.get('extensions', {})}")(scope, receive, send)
    await inform(request, UPLOAD_RESUMPTION_SUPPORTED, {"Location": "too late"})


@pytest.fixture
async def serve():
    """Return a function that serves the app by a protocol, and gives its port."""
    running = []

    async def start(protocol):
        config = uvicorn.Config(app, http=protocol, lifespan="off", log_config=None, ws="none")
        server = uvicorn.Server(config)
        listening = socket.create_server(("127.0.0.1", 0))
        running.append((server, asyncio.create_task(server.serve([listening]))))
        async with asyncio.timeout(10):
            while not server.started:
                await asyncio.sleep(0.01)
        return listening.getsockname()[1]

    yield start
    for server, task in running:
        server.should_exit = True
        await task


async def talk(port, sent):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(10):
        writer.write(sent)
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.decode()


def request(path, version="1.1", connection="close", body=b""):
    head = f"POST {path} HTTP/{version}\r\nHost: x\r\nConnection: {connection}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def test_an_interim_response_comes_before_the_final_one(serve):
    answer = await talk(await serve(InterimProtocol), request("/a", body=b"body"))
    assert answer.startswith(
        "HTTP/1.1 104 Upload Resumption Supported\r\nLocation: http://here/a\r\n\r\nHTTP/1.1 200 OK\r\n"
    )
    assert answer.endswith("4 True")
    assert "too late" not in answer


async def test_pipelined_requests_get_their_own_each(serve):
    answer = await talk(await serve(InterimProtocol), request("/a", connection="keep-alive") + request("/b"))
    places = [answer.index(part) for part in ("http://here/a", "0 True", "http://here/b")]
    assert places == sorted(places)
    assert answer.count("HTTP/1.1 104") == 2


async def test_http_1_0_gets_none(serve):
    """RFC 9110, section 15.2: a server must not send them to an HTTP/1.0 client."""
    answer = await talk(await serve(InterimProtocol), request("/a", version="1.0"))
    assert "104" not in answer
    assert answer.endswith("0 False")


async def test_100_is_sent_beside_104(serve):
    """Section 5: the server must not omit 100 because it has sent 104."""
    sent = b"POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody"
    answer = await talk(await serve(InterimProtocol), sent)
    assert answer.index("HTTP/1.1 104") < answer.index("HTTP/1.1 100") < answer.index("HTTP/1.1 200")


async def test_nothing_is_sent_where_the_server_cannot(serve):
    answer = await talk(await serve("httptools"), request("/a", body=b"body"))
    assert answer.startswith("HTTP/1.1 200 OK")
    assert answer.endswith("4 False")
