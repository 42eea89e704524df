"""AskedOnce: the moving window of `limits`, asked for once; on a real Redis."""

import random
from types import SimpleNamespace

import pytest
from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.storage import redis as storage_module
from limits.strategies import MovingWindowRateLimiter

from api import moving_window
from api.moving_window import AskedOnce
from tests.redis_server import RedisServer


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    with RedisServer(tmp_path_factory.mktemp("redis")).running() as server:
        yield server


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=1_800_000_000.0)
    clock.time = lambda: clock.now
    for module in (moving_window, storage_module):
        monkeypatch.setattr(module, "time", clock)
    return clock


def commands(client):
    return client.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"]


@pytest.mark.parametrize("seed", range(5))
def test_it_says_what_limits_itself_says(redis, clock, seed):
    theirs = MovingWindowRateLimiter(RedisStorage(redis.url, key_prefix=f"theirs{seed}"))
    ours = AskedOnce(RedisStorage(redis.url, key_prefix=f"ours{seed}"))
    chance, item = random.Random(seed), RateLimitItemPerMinute(5)
    granted = set()
    for _ in range(60):
        clock.now += chance.choice([0.25, 1, 10, 30])
        who, cost = chance.choice("ab"), chance.choice([1, 1, 1, 2])
        answers = [limiter.hit(item, who, cost=cost) for limiter in (ours, theirs)]
        assert answers[0] == answers[1]
        granted.add(answers[0])
        assert ours.get_window_stats(item, who) == pytest.approx(theirs.get_window_stats(item, who))
    assert granted == {True, False}


def test_one_request_is_one_question_whatever_is_asked_for_the_headers(redis, clock):
    limiter, item = AskedOnce(RedisStorage(redis.url)), RateLimitItemPerMinute(5)
    limiter.hit(item, "first")
    before = commands(redis.client())
    assert limiter.hit(item, "somebody")
    assert limiter.get_window_stats(item, "somebody") == (clock.now + 60, 4)
    assert commands(redis.client()) == before + 1


def test_who_has_not_hit_is_told_by_redis(redis, clock):
    limiter, item = AskedOnce(RedisStorage(redis.url)), RateLimitItemPerMinute(3)
    assert limiter.get_window_stats(item, "nobody") == (clock.now + 60, 3)
