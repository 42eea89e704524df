"""The receivers misbehave as they are told to, and log what they took."""

import asyncio
import json

import httpx
import pytest

from tests.faults.evidence import lines
from tests.faults.perception import Follower, Perception


async def post(sink: str, event_id: str, **event: object) -> httpx.Response:
    async with httpx.AsyncClient(timeout=0.5, trust_env=False) as client:
        return await client.post(sink, json={"id": event_id, **event}, headers={"webhook-id": event_id})


async def test_a_webhook_logs_what_it_took_and_what_it_answered(tmp_path):
    async with Perception(tmp_path, slow_seconds=30) as perception:
        first, second, *redis_sinks = perception.sinks.split(",")
        assert redis_sinks == ["redis-stream:hmas.events", "celery:perception"]
        assert (await post(first, "a")).status_code == 200
        await perception.mode("500", 0)
        assert (await post(first, "b")).status_code == 500
        assert (await post(second, "c")).status_code == 200
        await perception.mode("dies")
        with pytest.raises(httpx.RemoteProtocolError):
            await post(second, "d")
        await perception.mode("down")
        with pytest.raises(httpx.ConnectError):
            await post(second, "e")
        await perception.mode("slow")
        with pytest.raises(httpx.ReadTimeout):
            await post(second, "f")
        await perception.mode("well")
        assert (await post(second, "g", subject="x")).status_code == 200
    taken = [(entry["sink"], entry["id"], entry["answered"]) for entry in lines(tmp_path / "perception.jsonl")]
    assert taken == [
        (first, "a", 200),
        (first, "b", 500),
        (second, "c", 200),
        (second, "d", None),
        (second, "f", None),
        (second, "g", 200),
    ]


async def test_a_slow_webhook_answers_in_the_end(tmp_path):
    async with Perception(tmp_path, slow_seconds=0.1) as perception:
        await perception.mode("slow")
        assert (await post(perception.sinks.split(",")[0], "a")).status_code == 200


async def test_a_follower_goes_on_where_it_was_when_the_service_is_back(tmp_path):
    asked = []

    async def serve(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        after = int(head.split("after=")[1].split("&")[0])
        asked.append(after)
        event = {"id": f"e{after + 1}", "sequence": f"{after + 1:020d}"}
        body = json.dumps([event] if after < 2 else [])
        status = "503 Away" if len(asked) == 2 else "200 OK"
        writer.write(f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with (
        server,
        Follower(tmp_path, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", 0.01) as follower,
    ):
        assert await follower.reached(2)
    assert asked[:3] == [0, 1, 1]
    assert [entry["id"] for entry in lines(tmp_path / "followed.jsonl")] == ["e1", "e2"]
