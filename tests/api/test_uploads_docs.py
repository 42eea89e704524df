"""The examples of docs/uploads.md, run as they stand."""

import json
import os
from pathlib import Path

from tests.api.tus import append, created, receipt, refused
from tests.documented import examples_in

EXAMPLES = examples_in(Path(__file__).parents[2] / "docs/uploads.md")
CONTENT = os.urandom(50_000)


def test_the_examples_are_all_run_here():
    assert set(EXAMPLES) == {"create", "whole", "rest", "end"}


def test_a_whole_upload(uploads, shell):
    found = receipt(uploads, shell("create", "whole")[-1])
    assert (found["state"], found["filename"], found["declared_type"]) == ("received", "clip.mp4", "video/mp4")


def test_a_broken_upload(uploads, shell):
    url = created(uploads, len(CONTENT))
    append(uploads, url, 0, CONTENT[:20_000])
    assert json.loads(shell("rest", URL=url)[0])["state"] == "received"


def test_an_upload_that_is_given_up(uploads, shell):
    url = created(uploads, len(CONTENT))
    shell("end", URL=url)
    refused(append(uploads, url, 0, CONTENT), 410, "upload_gone")
