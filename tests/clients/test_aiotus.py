"""aiotus, as people use it (https://aiotus.readthedocs.io)."""

import io

import aiotus
import pytest

from tests.clients.conftest import MIB

PATIENT = aiotus.RetryConfiguration(retry_attempts=5, max_retry_period_seconds=0.1)


@pytest.fixture
def sent(site):
    async def send(content: bytes, **options) -> str:
        url = await aiotus.upload(site.uploads, io.BytesIO(content), config=PATIENT, **options)
        assert url is not None
        return str(url)

    return send


async def test_a_file_is_sent_and_its_metadata_come_back(site, sent, content):
    described = {"filename": b"clip.bin", "thumbnail": bytes(range(256)), "is_confidential": None}
    url = await sent(content, metadata=described)
    site.holds(url, content)
    assert await aiotus.metadata(url) == described


async def test_a_file_that_was_cut_three_times_is_retried(site, sent, content):
    site.link.cut_after(MIB, MIB, MIB)
    site.holds(await sent(content, chunksize=8 * MIB), content)


async def test_a_file_on_a_slow_line_is_sent(site, sent, content):
    site.link.mode("delay")
    site.holds(await sent(content[:MIB]), content[:MIB])


async def test_parts_are_sent_at_the_same_time_and_joined(site, content):
    parts = [io.BytesIO(content[start : start + 2 * MIB]) for start in range(0, len(content), 2 * MIB)]
    url = await aiotus.upload_multiple(site.uploads, parts, metadata={"filename": b"clip.bin"}, config=PATIENT)
    site.holds(str(url), content)
    assert site.receipt(str(url))["filename"] == "clip.bin"


async def test_parts_that_are_cut_are_joined_whole(site, content):
    site.link.cut_after(MIB, MIB, MIB)
    parts = [io.BytesIO(content[:3_000_000]), io.BytesIO(content[3_000_000:])]
    site.holds(str(await aiotus.upload_multiple(site.uploads, parts, config=PATIENT)), content)
