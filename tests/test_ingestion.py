"""The story: a file goes in by HTTP and Perception has it, with every process real and its own."""

import hashlib

import httpx
import pytest

from tests.system.client import ended, send, told
from tests.unit.samples import elf, video


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    path.write_bytes(video("mp4", "libx264", "aac"))
    return path


@pytest.fixture(scope="module")
def receipt(stack, clip):
    with clip.open("rb") as file:
        parts = {"file": ("clip.mp4", file, "video/mp4")}
        answer = httpx.post(f"{stack.url}/ingest", files=parts, data={"labels": '{"camera": "door"}'}, timeout=30)
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_the_sender_gets_a_receipt_for_exactly_these_bytes(receipt, clip):
    assert receipt["sha256"] == hashlib.sha256(clip.read_bytes()).hexdigest()
    assert receipt["size"] == clip.stat().st_size


def test_the_file_is_processed_and_described(stack, receipt):
    full = ended(stack.url, receipt["id"])
    assert full["state"] == "completed", full
    assert (full["media_type"], full["kind"]) == ("video/mp4", "video")
    metadata = full["metadata"]
    assert {"width", "height", "duration_seconds", "frame_rate", "video_codec"} <= metadata.keys()
    assert [move["after"] for move in full["history"]] == ["receiving", "received", "processing", "completed"]


def test_perception_is_told_once_with_the_metadata(stack, receipt):
    entries = told(stack.perception_log, receipt["id"])
    event = entries[0]["event"]
    assert len(entries) == 1
    assert entries[0]["digest_ok"] is True
    assert event["type"] == "hmas.ingest.completed.v1"
    assert event["data"]["file"]["sha256"] == receipt["sha256"]
    assert event["data"]["labels"] == {"camera": "door"}
    assert event["data"]["metadata"] == ended(stack.url, receipt["id"])["metadata"]


def test_the_delivery_is_on_the_receipt(stack, receipt):
    told(stack.perception_log, receipt["id"])
    deliveries = ended(stack.url, receipt["id"])["deliveries"]
    assert [(delivery["sink"], delivery["attempts"]) for delivery in deliveries] == [("celery:perception", 1)]


def test_the_bytes_come_back_whole_and_in_part(stack, receipt, clip):
    ended(stack.url, receipt["id"])
    url, data = f"{stack.url}/ingest/{receipt['id']}/content", clip.read_bytes()
    whole = httpx.get(url)
    assert (whole.status_code, whole.content) == (200, data)
    assert whole.headers["content-disposition"].startswith("attachment")
    assert whole.headers["x-content-type-options"] == "nosniff"
    part = httpx.get(url, headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, data[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(data)}"
    assert httpx.get(url, headers={"if-none-match": whole.headers["etag"]}).status_code == 304
    assert httpx.get(url, headers={"range": f"bytes={len(data)}-"}).status_code == 416
    assert httpx.head(url).headers["content-length"] == str(len(data))


def test_its_moves_are_streamed_until_the_end(stack, receipt):
    text = httpx.get(f"{stack.url}/ingest/{receipt['id']}/events", timeout=30).text
    assert [line for line in text.splitlines() if line.startswith("event:")] == ["event: move"] * 4


def test_an_elf_file_named_clip_mp4_is_rejected_with_its_reason(stack):
    receipt = send(stack.url, "clip.mp4", elf(), **{"content-type": "video/mp4"})
    full = ended(stack.url, receipt["id"])
    assert full["state"] == "rejected"
    assert [reason["code"] for reason in full["verdict"]["reasons"]] == ["content_mismatch"]
    assert httpx.get(f"{stack.url}/ingest/{receipt['id']}/content").status_code == 404
    assert told(stack.perception_log, receipt["id"])[0]["event"]["type"] == "hmas.ingest.rejected.v1"


def test_a_rejected_file_is_in_quarantine_until_it_is_released(stack):
    receipt = send(stack.url, "photo.png", b"a text that says it is a picture\n")
    url = f"{stack.url}/ingest/{receipt['id']}"
    full = ended(stack.url, receipt["id"])
    assert [reason["code"] for reason in full["verdict"]["reasons"]] == ["content_mismatch"]
    assert receipt["id"] in [item["id"] for item in httpx.get(f"{stack.url}/quarantine").json()["items"]]
    (kept,) = stack.data_dir.glob(f"quarantine/*/*/{receipt['id']}")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert httpx.get(f"{url}/content").status_code == 404

    assert httpx.post(f"{url}/release").status_code == 202
    full = ended(stack.url, receipt["id"])
    assert (full["state"], full["kind"], full["overridden"]) == ("completed", "text", ["content_mismatch"])
    assert "released it in spite of content_mismatch" in full["history"][4]["detail"]
    assert httpx.get(f"{url}/content").content == b"a text that says it is a picture\n"
    assert not kept.exists()
    assert httpx.post(f"{url}/release").json()["code"] == "not_releasable"


def test_a_rejected_file_is_purged_by_deleting_it(stack):
    receipt = send(stack.url, "photo.png", b"another text\n")
    ended(stack.url, receipt["id"])
    assert httpx.delete(f"{stack.url}/ingest/{receipt['id']}").status_code == 204
    assert not list(stack.data_dir.glob(f"quarantine/*/*/{receipt['id']}"))
    assert httpx.post(f"{stack.url}/ingest/{receipt['id']}/release").json()["code"] == "not_releasable"


def test_a_file_is_deleted_and_its_tombstone_stays(stack):
    receipt = send(stack.url, "note.txt", b"a note\n")
    ended(stack.url, receipt["id"])
    url = f"{stack.url}/ingest/{receipt['id']}"
    assert httpx.delete(url).status_code == 204
    assert httpx.delete(url).status_code == 204
    assert httpx.get(url).json()["state"] == "deleted"
    assert httpx.get(f"{url}/content").status_code == 410
    types = [entry["event"]["type"] for entry in told(stack.perception_log, receipt["id"])]
    assert types[0] == "hmas.ingest.completed.v1"
    assert not list(stack.data_dir.glob(f"objects/*/*/{receipt['id']}"))


def test_the_event_log_has_every_event_in_order_without_a_hole(stack, receipt):
    ended(stack.url, receipt["id"])
    events, after = [], 0
    while page := httpx.get(f"{stack.url}/events", params={"after": after, "limit": 2}).json():
        events += page
        after = int(page[-1]["sequence"])
    assert [int(event["sequence"]) for event in events] == list(range(1, len(events) + 1))
    assert receipt["id"] in {event["subject"] for event in events}


def test_the_celery_result_under_the_ingests_id_is_the_events_data(stack, receipt):
    from celery import Celery  # noqa: PLC0415
    from celery.result import AsyncResult  # noqa: PLC0415

    ended(stack.url, receipt["id"])
    backend = stack.redis_url.removesuffix("/0") + "/1"
    app = Celery(broker=stack.redis_url, backend=backend, set_as_current=False)
    data = AsyncResult(receipt["id"], app=app).get(timeout=20)
    assert data == told(stack.perception_log, receipt["id"])[0]["event"]["data"]
