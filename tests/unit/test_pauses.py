"""What a sender brought before a pause is written, and still judged with what follows."""

import asyncio

import pytest

from api.gathering import Gathering
from api.patience import every
from shared.errors import MediaTypeNotAllowed
from shared.policy import SNIFF_BYTES, Policy

GZIP = b"\x1f\x8b\x08\x00"
PICTURES = Policy(1 << 20, ("image/*",))


def test_bytes_that_were_given_away_early_are_judged_with_those_that_follow():
    gathering = Gathering(PICTURES)
    gathering.take(GZIP[:1])
    assert gathering.waits
    assert gathering.batch() == [GZIP[:1]]
    assert not gathering.waits
    gathering.take(GZIP[1:])
    with pytest.raises(MediaTypeNotAllowed):
        gathering.end()


def test_pieces_up_to_the_sniffed_size_are_judged_over_many_batches():
    gathering = Gathering(PICTURES)
    for at in range(SNIFF_BYTES - 1):
        gathering.take((GZIP + bytes(SNIFF_BYTES))[at : at + 1])
        gathering.batch()
    with pytest.raises(MediaTypeNotAllowed):
        gathering.take(b"\0")


async def test_a_look_is_taken_again_and_again_until_the_end():
    looks = asyncio.Queue()
    with every(0.001, lambda: looks.put_nowait(None)):
        async with asyncio.timeout(10):
            for _ in range(3):
                await looks.get()
    seen = looks.qsize()
    await asyncio.sleep(0.01)
    assert looks.qsize() == seen
