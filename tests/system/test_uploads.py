"""An upload in parts goes all the way to Perception, as what came in one go does."""

import hashlib

import httpx
import pytest

from tests.api.tus import append, create, created, metadata
from tests.system.client import ended, told

TEXT = b"some text\n" * 1000


@pytest.fixture
def client(stack):
    with httpx.Client(base_url=stack.url, timeout=30) as client:
        yield client


def arrived(stack, url):
    """Wait for the upload's end, prove that its bytes are the text, and return its receipt."""
    full = ended(stack.url, url.rsplit("/", 1)[1])
    assert (full["state"], full["kind"]) == ("completed", "text"), full
    assert (full["size"], full["sha256"]) == (len(TEXT), hashlib.sha256(TEXT).hexdigest())
    assert httpx.get(full["links"]["content"]).content == TEXT
    assert told(stack.perception_log, full["id"])
    return full


def test_a_resumed_upload_is_processed_and_told(stack, client):
    url = created(client, len(TEXT), upload_metadata=metadata(filename="a.txt", labels='{"camera": "door"}'))
    append(client, url, 0, TEXT[:5000])
    append(client, url, 5000, TEXT[5000:])
    full = arrived(stack, url)
    assert (full["filename"], full["labels"]) == ("a.txt", {"camera": "door"})


def test_joined_parts_are_processed_and_told_and_get_their_digest_there(stack, client):
    parts = [created(client, 5000, upload_concat="partial") for _ in range(2)]
    for number, part in enumerate(parts):
        append(client, part, 0, TEXT[number * 5000 : (number + 1) * 5000])
    answer = create(client, upload_concat=f"final;{' '.join(parts)}", upload_metadata=metadata(filename="a.txt"))
    arrived(stack, answer.headers["location"])
