"""The examples of docs/perception.md, run as they are written; it leaves the prose to its readers."""

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shared.adapters.webhook_sink import WebhookSink
from shared.events import MAX_EVENT_BYTES, Event
from tests.sample_event import sample_event
from tests.webhook_server import WebhookServer

TEXT = (Path(__file__).parents[2] / "docs" / "perception.md").read_text()
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


@pytest.fixture
def names() -> dict[str, Any]:
    """What the Python examples define."""
    names: dict[str, Any] = {}
    for block in blocks("python"):
        exec(block, names)
    return names


def test_the_event_is_one_that_we_could_send() -> None:
    (text,) = blocks("json")
    document = json.loads(text)
    jsonschema.validate(document, Event.model_json_schema())
    assert Event.model_validate(document).model_dump(mode="json", exclude_unset=True) == document
    assert len(text) < MAX_EVENT_BYTES


async def test_the_example_verifies_what_we_sign_and_nothing_else(names: dict[str, Any]) -> None:
    async with WebhookServer().running() as hook:
        sink = WebhookSink(hook.url, SECRET, 5, allow_private=True)
        await sink.deliver(sample_event())
        await sink.aclose()
    (request,) = hook.requests
    verified = names["verified"]
    assert verified(SECRET, request.headers, request.body)
    assert not verified(SECRET, request.headers, request.body + b" ")
    assert not verified(SECRET, request.headers | {"webhook-id": "another"}, request.body)
    assert not verified(SECRET, request.headers | {"webhook-timestamp": "1700000000"}, request.body)
    assert not verified("whsec_" + base64.b64encode(bytes(32)).decode(), request.headers, request.body)


def test_the_example_catches_up_with_every_event_in_order(names: dict[str, Any]) -> None:
    asked: list[str] = []
    stored = [sample_event(sequence).model_dump(mode="json") for sequence in range(1, 6)]

    def urlopen(url: str) -> io.BytesIO:
        asked.append(url)
        after = int(re.search(r"after=(\d+)", url)[1])
        return io.BytesIO(json.dumps(stored[after : after + 2]).encode())

    names["urlopen"] = urlopen
    taken: list[dict[str, Any]] = []
    assert names["catch_up"]("http://ingestion:8000", 0, taken.append) == 5
    assert taken == stored
    assert asked[0] == "http://ingestion:8000/events?after=0&limit=1000"
