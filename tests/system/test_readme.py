"""The README's examples, run as they stand against the real stack."""

import json
import shutil
from pathlib import Path

import pytest

from tests.documented import examples_in, run_in_bash
from tests.system.client import ended, previewed, send, told
from tests.unit.samples import video

README = Path(__file__).parents[2] / "README.md"
EXAMPLES = examples_in(README)


@pytest.fixture
def shell(stack, tmp_path):
    """Return a function that runs an example in a folder with the files that it names."""
    (tmp_path / "clip.mp4").write_bytes(video("mp4", "libx264", "aac"))
    (tmp_path / "notes.txt").write_text("some notes\n")
    shutil.copy(README, tmp_path)

    def run(name, **names):
        script = EXAMPLES[name].replace("http://127.0.0.1:8000", stack.url)
        return run_in_bash(script, tmp_path, API=stack.url, **names)

    run.folder = tmp_path
    return run


def test_the_examples_are_all_run_here():
    assert set(EXAMPLES) == {"first", "form", "raw", "follow", "list", "content", "preview", "operate"}


@pytest.mark.parametrize("name", ["first", "form", "raw"])
def test_sending_gives_a_receipt(shell, name):
    assert json.loads(shell(name))["state"] == "received"


def test_sending_again_with_the_same_key_gives_the_same_receipt(shell):
    assert json.loads(shell("raw"))["id"] == json.loads(shell("raw"))["id"]


def test_following_ends_with_the_final_state(stack, shell):
    receipt = send(stack.url, "a.txt", b"text\n")
    said = shell("follow", ID=receipt["id"])
    assert '"after":"completed"' in said
    assert json.loads(said.splitlines()[-1])["state"] == "completed"


def test_listing_reading_and_deleting(stack, shell):
    receipt = send(stack.url, "clip.mp4", (shell.folder / "clip.mp4").read_bytes())
    ended(stack.url, receipt["id"])
    told(stack.perception_log, receipt["id"])
    assert receipt["id"] in {item["id"] for item in json.loads(shell("list"))["items"]}
    shell("content", ID=receipt["id"])
    sent = (shell.folder / "clip.mp4").read_bytes()
    assert (shell.folder / "copy.mp4").read_bytes() == sent
    assert (shell.folder / "head.bin").read_bytes() == sent[:100]
    preview = previewed(stack.url, receipt["id"])
    shell("preview", ID=receipt["id"])
    assert (shell.folder / "preview.webp").read_bytes().startswith(b"RIFF") == (preview == "made")
    assert json.loads(shell("operate", ID=receipt["id"]))[0]["specversion"] == "1.0"
    assert ended(stack.url, receipt["id"])["state"] == "deleted"
