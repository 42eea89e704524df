"""tus-js-client, as people use it (https://github.com/tus/tus-js-client)."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.clients import node_clients
from tests.clients.conftest import MIB
from tests.faults.proxy import IN


@pytest.fixture(scope="module", autouse=True)
def _installed():
    node_clients.installed()


@pytest.fixture
def upload(site, file):
    """Return a function that uploads the file with options of the client, and says what came of it."""

    def run(**options):
        return node_clients.run("upload.js", file=str(file), endpoint=site.uploads, **options)

    return run


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"source": "file"},
        {"chunkSize": MIB},
        {"chunkSize": MIB, "overridePatchMethod": True},
        {"uploadDataDuringCreation": True},
        {"uploadDataDuringCreation": True, "chunkSize": MIB},
        {"source": "stream", "uploadLengthDeferred": True, "chunkSize": MIB},
        {"parallelUploads": 3},
        {"addRequestId": True},
    ],
    ids=str,
)
def test_a_file_is_sent(site, upload, content, options):
    done = upload(metadata={"filename": "Überblick.bin"}, **options)
    assert done.get("succeeded"), done
    site.holds(done["url"], content)
    assert site.receipt(done["url"])["filename"] == "Überblick.bin"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"source": "file"},
        {"chunkSize": 2 * MIB},
        {"source": "stream", "uploadLengthDeferred": True, "chunkSize": 2 * MIB},
        {"parallelUploads": 3},
    ],
    ids=str,
)
def test_a_file_that_was_cut_twice_is_retried(site, upload, content, options):
    site.link.cut_after(MIB, 2 * MIB)
    done = upload(**options)
    assert done.get("succeeded"), done
    site.holds(done["url"], content)


@pytest.mark.parametrize("options", [{}, {"parallelUploads": 3}], ids=str)
def test_another_process_finds_the_upload_again(site, upload, content, tmp_path, options):
    kept = {"urls": str(tmp_path / "urls.json"), "source": "file", "chunkSize": MIB} | options
    first = upload(stopAt=MIB, **kept)
    assert first["stoppedAt"] >= MIB, first
    again = upload(resume=True, **kept)
    assert again.get("succeeded"), again
    assert again["requests"][0] == "HEAD 200"
    site.holds(again["url"], content)


@pytest.mark.parametrize("removed", [True, False])
def test_the_upload_is_forgotten_by_its_sender_where_it_wishes(upload, tmp_path, removed):
    urls = tmp_path / "urls.json"
    done = upload(urls=str(urls), source="file", removeFingerprintOnSuccess=removed)
    assert done.get("succeeded"), done
    assert (done["url"] in urls.read_text()) is not removed


def test_an_upload_is_gone_after_it_was_terminated(upload):
    stopped = upload(stopAt=MIB, terminate=True, chunkSize=MIB)
    assert "stoppedAt" in stopped, stopped
    assert stopped["requests"][-1] == "DELETE 204"
    assert httpx.head(stopped["url"], headers={"Tus-Resumable": "1.0.0"}).status_code in {404, 410}


def test_an_upload_that_is_gone_is_begun_anew(site, upload, content):
    gone = upload(stopAt=MIB, terminate=True, chunkSize=MIB)["url"]
    done = upload(uploadUrl=gone)
    assert done.get("succeeded"), done
    assert done["url"] != gone
    site.holds(done["url"], content)


@pytest.mark.parametrize("protocol", ["ietf-draft-03", "ietf-draft-05"])
@pytest.mark.parametrize(
    "options", [{}, {"chunkSize": MIB}, {"source": "stream", "uploadLengthDeferred": True, "chunkSize": MIB}], ids=str
)
def test_a_file_is_sent_by_the_draft_of_the_IETF(site, upload, content, protocol, options):
    done = upload(protocol=protocol, **options)
    assert done.get("succeeded"), done
    site.holds(done["url"], content)


@pytest.mark.parametrize("protocol", ["ietf-draft-03", "ietf-draft-05"])
def test_a_file_that_was_cut_is_resumed_by_the_draft_of_the_IETF(site, upload, content, protocol):
    site.link.cut_after(MIB, 2 * MIB)
    done = upload(protocol=protocol)
    assert done.get("succeeded"), done
    site.holds(done["url"], content)


@pytest.mark.parametrize("protocol", ["tus-v1", "ietf-draft-05"])
def test_a_line_that_goes_dead_for_a_while_is_no_end(site, upload, content, protocol):
    site.link.mode("delay")
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(upload, protocol=protocol)
        _until_active(site, 1)
        site.link.mode("stall", (IN,))
        _until_active(site, 0)
        site.link.well()
    assert done.result().get("succeeded"), done.result()
    assert any(request.endswith("423") for request in done.result()["requests"]), done.result()
    site.holds(done.result()["url"], content)


def _until_active(site, number):
    """Wait until so many bodies are being taken in."""
    until = time.monotonic() + 20
    while f"hmas_active_uploads {number}.0" not in httpx.get(f"{site.api.url}/metrics").text:
        assert time.monotonic() < until
        time.sleep(0.01)
