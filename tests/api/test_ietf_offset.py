"""HEAD, DELETE and OPTIONS by the IETF draft; sections are those of draft-ietf-httpbis-resumable-upload-11."""

import os

import httpx
import pytest

from tests.api.ietf_sender import Sender, digest_of, is_complete, refused

BODY = os.urandom(300_000)


@pytest.fixture
def client(uploads_api):
    with uploads_api.client() as client:
        yield client


@pytest.fixture
def sender(client):
    return Sender(client)


def test_HEAD_tells_the_offset_and_is_never_cached(sender):
    """Section 4.3.2."""
    url = sender.create(BODY[:1000], upload_length="5000").headers["location"]
    answer = sender.offset(url)
    assert (answer.status_code, is_complete(answer)) == (204, False)
    assert (answer.headers["upload-offset"], answer.headers["upload-length"]) == ("1000", "5000")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["upload-limit"].startswith("max-size=67108864, max-age=")


def test_HEAD_tells_no_length_that_was_not_said(sender):
    """Section 4.3.2."""
    assert "upload-length" not in sender.offset(sender.create(BODY[:1000]).headers["location"]).headers


def test_HEAD_tells_of_a_complete_upload(sender, uploads_api):
    """Sections 4, 4.3.2 and 11: it is kept for a client that lost the final answer."""
    url = sender.create(BODY, complete=True).headers["location"]
    answer = sender.offset(url)
    assert (answer.status_code, is_complete(answer)) == (204, True)
    assert answer.headers["upload-offset"] == answer.headers["upload-length"] == str(len(BODY))
    assert answer.headers["link"] == f'<{uploads_api.url}/ingest/{url.rsplit("/", 1)[1]}>; rel="status"'
    assert answer.headers["repr-digest"] == digest_of(BODY)


def test_HEAD_where_no_upload_is(sender, uploads_api):
    for name in ("019a0000-0000-7000-8000-000000000001", "x"):
        assert sender.offset(f"{uploads_api.url}/uploads/{name}").status_code == 404


def test_an_upload_is_only_its_senders(sender, uploads_api):
    """Section 13: only authorized clients can access the upload resource."""
    url = sender.create(BODY[:1000]).headers["location"]
    with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2"), timeout=30) as other:
        stranger = Sender(other)
        assert stranger.offset(url).status_code == 404
        refused(stranger.append(url, 1000, BODY, complete=True), 404, "not_found")
        refused(stranger.cancel(url), 404, "not_found")
    assert sender.offset(url).headers["upload-offset"] == "1000"


def test_DELETE_ends_the_upload(sender, uploads_api):
    """Section 4.5."""
    before = sorted(uploads_api.files())
    url = sender.create(BODY[:1000]).headers["location"]
    answer = sender.cancel(url)
    assert (answer.status_code, answer.content) == (204, b"")
    assert sender.offset(url).status_code == 410
    refused(sender.append(url, 1000, BODY), 410, "upload_gone")
    refused(sender.cancel(url), 410, "upload_gone")
    assert sorted(uploads_api.files()) == before


def test_DELETE_takes_no_complete_upload_back(sender):
    """What was accepted is kept; the ingest has a DELETE of its own."""
    url = sender.create(BODY, complete=True).headers["location"]
    refused(sender.cancel(url), 400, "upload_complete", "completed-upload")
    assert sender.offset(url).status_code == 204


def test_OPTIONS_tells_that_uploads_can_be_resumed(client):
    """Section 4.1.4: Accept-Patch names the media type in full, and limits are told."""
    answer = client.options("/uploads")
    assert answer.status_code in {200, 204}
    assert "application/partial-upload" in answer.headers["accept-patch"]
    assert answer.headers["upload-limit"] == "max-size=67108864, max-age=86400"
