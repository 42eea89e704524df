"""AskedAhead: the moving window of `limits`, asked for many requests at once; on a real Redis."""

import asyncio
import random
from types import SimpleNamespace

import pytest
from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.storage import redis as storage_module
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import ConnectionError  # noqa: A004  (Redis's own)

from api import moving_window
from api.moving_window import AskedAhead
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
    ours = AskedAhead(RedisStorage(redis.url, key_prefix=f"ours{seed}"))
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
    limiter, item = AskedAhead(RedisStorage(redis.url)), RateLimitItemPerMinute(5)
    limiter.hit(item, "first")
    before = commands(redis.client())
    assert limiter.hit(item, "somebody")
    assert limiter.get_window_stats(item, "somebody") == (clock.now + 60, 4)
    assert commands(redis.client()) == before + 1


async def test_requests_that_come_together_are_few_questions_and_get_their_own_answers(redis):
    limiter, item = AskedAhead(RedisStorage(redis.url)), RateLimitItemPerMinute(5)
    before = commands(redis.client())

    async def ask(who):
        await limiter.ask([(item, (who,))])
        return limiter.hit(item, who), limiter.get_window_stats(item, who).remaining

    answers = await asyncio.gather(*(ask(who) for who in ["many"] * 7 + ["few"] * 3))
    assert answers[:7] == [*((True, left) for left in (4, 3, 2, 1, 0)), (False, 0), (False, 0)]
    assert answers[7:] == [(True, left) for left in (4, 3, 2)]
    assert commands(redis.client()) - before <= 2


async def test_what_one_limit_refuses_is_not_asked_of_the_next(redis):
    limiter, few, many = AskedAhead(RedisStorage(redis.url)), RateLimitItemPerMinute(1), RateLimitItemPerMinute(9)

    async def ask():
        await limiter.ask([(few, ("both",)), (many, ("both",))])
        return limiter.hit(few, "both") and limiter.hit(many, "both")

    assert await asyncio.create_task(ask())
    assert not await asyncio.create_task(ask())
    assert MovingWindowRateLimiter(RedisStorage(redis.url)).get_window_stats(many, "both").remaining == 8


async def test_without_redis_the_hit_says_so_and_asking_again_is_possible(tmp_path):
    server = RedisServer(tmp_path / "redis")
    with server.running():
        limiter, item = AskedAhead(RedisStorage(server.url)), RateLimitItemPerMinute(5)
        server.kill()
        await limiter.ask([(item, ("me",))])
        with pytest.raises(ConnectionError):
            limiter.hit(item, "me")
        server.start()
        await limiter.ask([(item, ("me",))])
        assert limiter.hit(item, "me")


def test_who_has_not_hit_is_told_by_redis(redis, clock):
    limiter, item = AskedAhead(RedisStorage(redis.url)), RateLimitItemPerMinute(3)
    assert limiter.get_window_stats(item, "nobody") == (clock.now + 60, 3)
