"""The examples of docs/uploads-ietf.md, run as they stand."""

import json
import os
from pathlib import Path

import pytest

from tests.api.ietf_sender import Sender
from tests.documented import examples_in

EXAMPLES = examples_in(Path(__file__).parents[2] / "docs/uploads-ietf.md")
CONTENT = os.urandom(50_000)


@pytest.fixture
def sender(uploads_api):
    with uploads_api.client() as client:
        yield Sender(client)


def test_the_examples_are_all_run_here():
    assert set(EXAMPLES) == {"create", "whole", "rest", "end"}


def test_a_whole_upload(shell):
    receipt = json.loads(shell("create", "whole")[0])
    assert (receipt["state"], receipt["filename"], receipt["declared_type"]) == ("received", "clip.mp4", "video/mp4")
    assert receipt["size"] == len(CONTENT)


def test_a_broken_upload(sender, shell):
    url = sender.create(CONTENT[:20_000]).headers["location"]
    assert json.loads(shell("rest", URL=url)[0])["size"] == len(CONTENT)


def test_an_upload_that_is_given_up(sender, shell):
    url = sender.create(CONTENT[:20_000]).headers["location"]
    shell("end", URL=url)
    assert sender.offset(url).status_code == 410
