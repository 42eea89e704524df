"""However requests are cut into segments, and wherever they break off, both roads of a body show the app the same."""

import asyncio
from itertools import pairwise
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.connections import SECONDS, App, answer, post, run, serving

CONTENT = bytes(range(256)) * 64
BUFFER_BYTES = 1000
"""Small, so that a body fills several."""


def chunked(path, content):
    head = b"POST %s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" % path
    pieces = [content[start : start + 999] for start in range(0, len(content), 999)]
    return head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


sizes = st.one_of(st.integers(0, 50), st.integers(0, len(CONTENT)), st.sampled_from([BUFFER_BYTES, 2 * BUFFER_BYTES]))
requests = st.lists(
    st.tuples(st.sampled_from([post, post, chunked]), st.sampled_from([b"/", b"/early"]), sizes), min_size=1, max_size=4
)


@st.composite
def streams(draw):
    """What one connection sends, in segments, and whether it waits for the answers or breaks off."""
    wanted = draw(requests)
    sent = b"".join(make(path, CONTENT[:size]) for make, path, size in wanted)
    whole = draw(st.booleans())
    end = len(sent) if whole else draw(st.integers(0, len(sent) - 1))
    cuts = sorted({0, end, *draw(st.lists(st.integers(0, end), max_size=12))})
    answers = [answer(b"early" if path == b"/early" else CONTENT[:size]) for _, path, size in wanted]
    return [sent[start:stop] for start, stop in pairwise(cuts)], answers if whole else None


async def sent(straight, segments, answers):
    """Send the segments one by one; return what came back, and what the app saw."""
    app = App(straight=straight)
    async with serving(app) as server, server.connection() as (reader, writer):
        for segment in segments:
            writer.write(segment)
            await writer.drain()
            await server.settled()
        async with asyncio.timeout(SECONDS):
            came = await reader.readexactly(sum(map(len, answers or ())))
        writer.close()
        await server.ended()
    return came, app.seen


@settings(max_examples=200, deadline=None)
@given(streams())
def test_the_app_sees_the_same_on_both_roads(stream):
    segments, answers = stream
    with patch("api.protocol.lane.batch_bytes", lambda: BUFFER_BYTES):
        straight = run(sent(True, segments, answers))
        parsed = run(sent(False, segments, answers))
    assert straight == parsed
    if answers is not None:
        assert straight[0] == b"".join(answers)
