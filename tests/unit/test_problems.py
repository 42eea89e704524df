"""Nothing leaves as a bare 500, and nothing says more than it should."""

import httpx
import pytest
from fastapi import FastAPI

from api.problems import add_problems
from api.requests import RequestLog
from shared.errors import StorageFull


@pytest.fixture
async def client():
    app = FastAPI()
    add_problems(app)
    app.add_middleware(RequestLog)

    @app.get("/unforeseen")
    async def unforeseen():
        raise ZeroDivisionError("a secret path: /etc/passwd")

    @app.get("/full")
    async def full():
        raise StorageFull(retry_after=7)

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_an_unforeseen_fault_is_a_problem_without_its_text(client, caplog):
    answer = await client.get("/unforeseen", headers={"x-request-id": "mine"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.headers["x-request-id"] == "mine"
    assert answer.json()["instance"] == "urn:hmas:request:mine"
    assert "secret" not in answer.text
    assert "secret" in caplog.text


async def test_a_fault_brings_its_own_retry_after(client):
    answer = await client.get("/full")
    assert (answer.status_code, answer.headers["retry-after"]) == (507, "7")
