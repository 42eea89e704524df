"""A few hostile files and names through the whole stack; tests/corpus has them all, through the cage alone."""

import httpx
import pytest

from tests.corpus.items import COMPLETED, Hostile, hostile_items
from tests.corpus.trap import MARKER, trap_set
from tests.corpus.workshop import content
from tests.system.client import ended, told

CHOSEN = (
    "an HLS playlist of a local file, named .mp4",
    "a concat script, named .mp4",
    "an MP4 whose index at the end is cut off",
    "a PNG of a hundred megapixels in 100 KiB",
    "a PDF whose form draws itself",
    "a ZIP whose entries quote each other's headers",
    "a ZIP with a link that leads outside",
    "a JSON 100000 levels deep",
    "an ELF program named clip.mp4",
    "a JPEG with a ZIP after it",
)
ITEMS = [item for item in hostile_items() if item.name in CHOSEN]

# What the sender calls the file → what its receipt calls it, None where it is refused.
NAMES = {
    "../../../../etc/passwd": "passwd",
    "..\\..\\windows\\win.ini": "win.ini",
    "/etc/cron.d/owned.txt": "owned.txt",
    "C:\\autoexec.txt": "autoexec.txt",
    "letter\u202etxt.exe\u202c.txt": "lettertxt.exe.txt",
    "\x1b[2J\x1b]0;owned\x1bletter.txt": "[2J]0;ownedletter.txt",
    "رسالة.txt": "رسالة.txt",
    "e\u0301.txt": "\u00e9.txt",
    "n" * 300 + ".txt": "n" * 251 + ".txt",
    "CON.txt": "_CON.txt",
    "letter.txt. . .": "letter.txt",
    "<img src=x onerror=alert(1)>.txt": "_img src=x onerror=alert(1)_.txt",
    "..": None,
    "\u200b\u200d\ufeff": None,
    "n" * 2000 + ".txt": None,
}


def test_all_that_were_chosen_are_in_the_corpus():
    assert {item.name for item in ITEMS} == set(CHOSEN)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.name)
def test_a_hostile_file_ends_with_its_verdict(stack, item: Hostile):
    with trap_set() as trap:
        parts = {"file": (item.filename, content(item, trap.trap), item.declared_type or "application/octet-stream")}
        receipt = httpx.post(f"{stack.url}/ingest", files=parts, timeout=30).json()
        full = ended(stack.url, receipt["id"], seconds=60)
        event = told(stack.perception_log, receipt["id"])[0]["event"]
        assert not trap.sprung()
    reasons = [reason["code"] for reason in full["verdict"]["reasons"]] or [COMPLETED]
    assert full["state"] == (COMPLETED if reasons == [COMPLETED] else "rejected")
    assert set(reasons) <= item.verdicts
    assert MARKER not in str((full, event))


@pytest.mark.parametrize("name", NAMES)
def test_a_nasty_name_is_made_safe_or_refused(stack, name: str):
    answer = httpx.post(f"{stack.url}/ingest", files={"file": (name, b"a harmless letter\n")}, timeout=30)
    if NAMES[name] is None:
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_filename")
        return
    assert answer.json()["filename"] == NAMES[name]
    full = ended(stack.url, answer.json()["id"])
    assert full["state"] in {COMPLETED, "rejected"}  # the content is a text, whatever the name's extension says
    kept = httpx.get(f"{stack.url}/ingest/{full['id']}/content").headers.get("content-disposition", "attachment")
    assert kept.startswith("attachment")
