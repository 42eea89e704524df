"""The proxy in its modes, before a server that echoes."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from tests.faults.proxy import BOTH, DELAY_SECONDS, IN, OUT, Proxy

SECONDS = 10


@pytest.fixture
async def proxy():
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    async with server, Proxy.to(server.sockets[0].getsockname()[1]) as proxy:
        yield proxy


async def _echo(reader, writer):
    while piece := await reader.read(1 << 20):
        writer.write(piece)
    writer.close()


@asynccontextmanager
async def connected(proxy):
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        async with asyncio.timeout(SECONDS):
            yield reader, writer
    finally:
        writer.close()


async def echoed(reader, writer, content):
    writer.write(content)
    return await reader.readexactly(len(content))


async def test_it_passes_bytes_and_the_end_in_both_directions(proxy):
    content = bytes(range(256)) * 8192
    async with connected(proxy) as (reader, writer):
        assert await echoed(reader, writer, content) == content
        writer.write_eof()
        assert await reader.read() == b""


@pytest.mark.parametrize("directions", [(IN,), (OUT,), BOTH])
async def test_what_is_stalled_comes_once_it_is_over(proxy, directions):
    async with connected(proxy) as (reader, writer):
        proxy.mode("stall", directions)
        answer = asyncio.create_task(echoed(reader, writer, b"late"))
        done, _ = await asyncio.wait({answer}, timeout=0.2)
        assert not done
        proxy.mode("pass", directions)
        assert await answer == b"late"


async def test_what_is_delayed_comes_later(proxy):
    loop = asyncio.get_running_loop()
    async with connected(proxy) as (reader, writer):
        proxy.mode("delay")
        began = loop.time()
        assert await echoed(reader, writer, b"slow") == b"slow"
        assert loop.time() - began >= 2 * DELAY_SECONDS


async def test_connections_old_and_new_are_reset(proxy):
    async with connected(proxy) as (reader, writer):
        await echoed(reader, writer, b"old")
        proxy.mode("reset")
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
    async with connected(proxy) as (reader, writer):
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await echoed(reader, writer, b"new")
    proxy.mode("pass")
    async with connected(proxy) as (reader, writer):
        assert await echoed(reader, writer, b"well again") == b"well again"


@pytest.mark.parametrize("direction", BOTH)
async def test_a_cut_ends_in_the_middle(proxy, direction):
    proxy.mode("cut", (direction,))
    async with connected(proxy) as (reader, writer):
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await echoed(reader, writer, b"halves")


async def test_where_nobody_listens_the_connection_is_reset(unused_tcp_port):
    async with Proxy.to(unused_tcp_port) as proxy, connected(proxy) as (reader, writer):
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await echoed(reader, writer, b"anybody")


async def test_it_is_cut_at_the_byte_each_time_and_passes_again(proxy):
    proxy.cut_after(300_000, 0)
    for echo in (300_000, 0):
        async with connected(proxy) as (reader, writer):
            writer.write(bytes(400_000))
            with pytest.raises(ConnectionResetError):
                await reader.readexactly(echo + 1)
    async with connected(proxy) as (reader, writer):
        assert await echoed(reader, writer, b"again") == b"again"
