"""For how long a sender is listened to."""

import asyncio

import pytest

from api.patience import listening
from shared.errors import IdleTimeout, TooSlow, UploadBusy
from shared.settings import Settings


def settings(**changes):
    return Settings(_env_file=None, **{"receive_idle_seconds": 0.2, "receive_bytes_a_second": 1000} | changes)


async def listen(pieces, wanted=None, **changes):
    """Listen to pieces of so many bytes, with pauses before them."""
    async with listening(settings(**changes), wanted) as patience:
        for pause, size in pieces:
            await asyncio.sleep(pause)
            patience.heard(size)


async def test_a_sender_that_keeps_the_least_rate_is_listened_to_for_longer_than_the_idle_time():
    await listen([(0.05, 100)] * 10)


async def test_a_sender_that_sends_nothing_is_left():
    with pytest.raises(IdleTimeout):
        await listen([(0.01, 10**9), (1, 1)])


async def test_a_sender_that_never_pauses_for_long_and_is_too_slow_is_left():
    with pytest.raises(TooSlow):
        await listen([(0.05, 10)] * 100)


async def test_a_burst_buys_no_more_than_the_idle_time():
    with pytest.raises(TooSlow):
        await listen([(0, 10**9), *[(0.05, 1)] * 100])


async def test_without_a_least_rate_a_byte_now_and_then_is_enough():
    await listen([(0.05, 1)] * 10, receive_bytes_a_second=0)


async def test_our_own_time_is_not_the_senders():
    async with listening(settings()) as patience:
        for _ in range(3):
            with patience.away():
                await asyncio.sleep(0.3)
            patience.heard(100)


async def test_who_is_wanted_is_listened_to_no_more_but_finishes_what_it_is_at():
    wanted, done = asyncio.Event(), []

    async def finish():
        async with listening(settings(receive_idle_seconds=30), wanted) as patience:
            with patience.away():
                wanted.set()
                await asyncio.sleep(0.05)
                done.append("written")
            await asyncio.sleep(10)

    with pytest.raises(UploadBusy):
        await finish()
    assert done == ["written"]


async def test_a_timeout_of_another_kind_is_not_the_senders():
    with pytest.raises(ZeroDivisionError):
        async with listening(settings()):
            raise ZeroDivisionError
