"""A sink that does not answer is left alone for a while."""

import pytest

from shared.adapters.memory_sink import MemorySink
from shared.adapters.resting_sink import LONGEST_REST_SECONDS, RestingSink
from shared.errors import DeliveryRefused, Unavailable
from tests.sample_event import sample_event

EVENT = sample_event()


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


class Counted(MemorySink):
    calls = 0

    async def deliver(self, event):
        self.calls += 1
        await super().deliver(event)


@pytest.fixture
def inner():
    return Counted()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sink(inner, clock):
    return RestingSink(inner, clock)


async def fails(sink, fault=Unavailable):
    with pytest.raises(fault):
        await sink.deliver(EVENT)


async def test_it_has_the_name_of_the_sink_and_delivers(sink, inner):
    await sink.deliver(EVENT)
    assert (sink.name, inner.events) == (inner.name, [EVENT])


async def test_after_silence_it_is_not_asked_until_the_rest_is_over(sink, inner, clock):
    inner.fault = Unavailable("no answer")
    await fails(sink)
    await fails(sink)
    assert inner.calls == 1
    clock.now += 1
    await fails(sink)
    assert inner.calls == 2


async def test_the_rest_doubles_up_to_half_a_minute_and_ends_with_a_success(sink, inner, clock):
    inner.fault = Unavailable("no answer")
    for rest in (1, 2, 4, 8, 16, LONGEST_REST_SECONDS, LONGEST_REST_SECONDS):
        await fails(sink)
        calls = inner.calls
        clock.now += rest - 0.1
        await fails(sink)
        assert inner.calls == calls
        clock.now += 0.1
    inner.fault = None
    await sink.deliver(EVENT)
    inner.fault = Unavailable("again")
    await fails(sink)
    clock.now += 1
    inner.fault = None
    await sink.deliver(EVENT)


async def test_a_refusal_brings_no_rest(sink, inner):
    inner.fault = DeliveryRefused("answered 500")
    await fails(sink, DeliveryRefused)
    inner.fault = None
    await sink.deliver(EVENT)
    assert inner.calls == 2
