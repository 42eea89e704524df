"""Rate limits, who is counted, and what happens without Redis."""

import time

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route

from api.ingestion_main import create_app
from shared.settings import Settings
from tests.redis_server import RedisServer

DOCUMENTATION = {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}


def send(client, **headers):
    return client.post("/ingest?filename=a.txt", content=b"hello", headers=headers)


def test_every_route_is_decorated_with_a_limit_or_an_exemption():
    app = create_app(Settings(_env_file=None))
    limiter = app.state.limiter
    decorated = limiter._route_limits.keys() | limiter._exempt_routes
    routes = [route for route in app.routes if isinstance(route, Route | APIRoute) and route.path not in DOCUMENTATION]
    assert len(routes) > 10
    assert [
        route.path for route in routes if f"{route.endpoint.__module__}.{route.endpoint.__name__}" not in decorated
    ] == []


def test_POST_the_sixth_in_a_minute_is_refused_by_default(own_api, api_redis):
    api_redis.client().flushall()
    api = own_api(RATE_LIMIT="5/minute")
    with api.client() as client:
        answers = [send(client) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers[:5]] == ["4", "3", "2", "1", "0"]
    assert "retry-after" not in answers[0].headers
    refused = answers[5]
    assert refused.json()["code"] == "rate_limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 61
    assert refused.headers["x-ratelimit-limit"] == "5"
    assert len(api.files()) == 5


def test_the_default_is_five_a_minute():
    assert Settings(_env_file=None).rate_limit == "5/minute"


def test_POST_the_limit_holds_across_a_restart(own_api, api_redis):
    api_redis.client().flushall()
    api = own_api(RATE_LIMIT="1/minute")
    with api.client() as client:
        assert send(client).status_code == 202
    api.stop()
    api.start()
    with api.client() as client:
        assert send(client).status_code == 429


def test_a_forged_address_does_not_escape_the_limit(own_api, api_redis):
    api_redis.client().flushall()
    api = own_api(RATE_LIMIT="1/minute")
    with api.client() as client:
        assert send(client, **{"x-forwarded-for": "203.0.113.1"}).status_code == 202
        assert send(client, **{"x-forwarded-for": "203.0.113.2"}).status_code == 429


def test_behind_a_trusted_proxy_each_client_is_counted_by_its_own_address(own_api, api_redis):
    api_redis.client().flushall()
    api = own_api(RATE_LIMIT="1/minute", TRUSTED_PROXIES="127.0.0.1")
    with api.client() as client:
        assert send(client, **{"x-forwarded-for": "203.0.113.1"}).status_code == 202
        assert send(client, **{"x-forwarded-for": "203.0.113.2"}).status_code == 202
        assert send(client, **{"x-forwarded-for": "203.0.113.1"}).status_code == 429
        forged = "198.51.100.9, 203.0.113.1"
        assert send(client, **{"x-forwarded-for": forged}).status_code == 429


@pytest.fixture
def own_redis(tmp_path):
    server = RedisServer(tmp_path / "own-redis")
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("fault", ["kill", "freeze"])
def test_without_redis_files_are_still_taken_and_limits_still_hold(own_api, own_redis, fault):
    api = own_api(RATE_LIMIT="3/minute", REDIS_URL=own_redis.url)
    getattr(own_redis, fault)()
    with api.client() as client:
        started = time.monotonic()
        answers = [send(client) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [202, 202, 202, 429], [a.text for a in answers]
        assert time.monotonic() - started < 20
        ready = client.get("/ready")
        assert ready.status_code == 503
        assert {name: part["ok"] for name, part in ready.json()["parts"].items()} == {
            "process": True,
            "redis": False,
            "catalog": True,
            "disk": True,
            "backlog": True,
        }
        assert client.get("/health").status_code == 200
    assert len(api.files()) == 3


def test_redis_that_dies_during_an_upload_does_not_refuse_it(own_api, own_redis):
    api = own_api(REDIS_URL=own_redis.url)

    def body():
        yield b"first"
        own_redis.kill()
        yield b"second"

    with api.client() as client:
        answer = client.post("/ingest?filename=a.txt", content=body())
    assert (answer.status_code, answer.json()["size"]) == (202, 11)
