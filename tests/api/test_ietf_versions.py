"""Each interop version of the IETF draft, as its clients speak it (table: docs/decisions/0014-ietf-uploads.md)."""

import os

import pytest

from tests.api.ietf_sender import Sender, is_complete, refused

BODY = os.urandom(50_000)


@pytest.fixture(params=[3, 4, 5, 6, 7, 8, 9, None])
def sender(request, uploads_api):
    with uploads_api.client() as client:
        yield Sender(client, request.param)


def test_an_upload_goes_its_way(sender):
    """Created with some bytes, asked for its offset, appended to twice."""
    created = sender.create(BODY[:10])
    url = created.headers["location"]
    assert (created.status_code, is_complete(created), created.headers["upload-offset"]) == (201, False, "10")
    asked = sender.offset(url)
    assert (asked.status_code, is_complete(asked), asked.headers["upload-offset"]) == (204, False, "10")
    middle = sender.append(url, 10, BODY[10:20])
    assert (middle.status_code, is_complete(middle), middle.headers["upload-offset"]) == (204, False, "20")
    last = sender.append(url, 20, BODY[20:], complete=True)
    assert (last.status_code, is_complete(last), last.headers["upload-offset"]) == (202, True, str(len(BODY)))
    said = None if sender.version is None else str(sender.version)
    assert {answer.headers.get("upload-draft-interop-version") for answer in (created, middle, last)} == {said}


def test_an_upload_is_given_up(sender):
    """A client of the RFC will name no version: HEAD and DELETE carry nothing of the draft but the upload's own URL."""
    url = sender.create(BODY[:10]).headers["location"]
    assert sender.cancel(url).status_code == 204
    assert sender.offset(url).status_code == 410


def test_completeness_is_said_in_the_versions_own_field(sender):
    """draft -02, section 1: Upload-Complete has replaced Upload-Incomplete."""
    answer = sender.create(BODY, complete=True)
    own, other = "upload-complete", "upload-incomplete"
    if sender.version == 3:
        own, other = other, own
    assert own in answer.headers
    assert other not in answer.headers


def test_an_append_of_any_type_is_taken_only_by_old_versions(sender):
    """draft -04: appends must be application/partial-upload."""
    url = sender.create(BODY[:10]).headers["location"]
    answer = sender.append(url, 10, BODY[10:], content_type="application/octet-stream")
    assert answer.status_code == (204 if sender.version in {3, 4, 5} else 415)


def test_an_append_that_does_not_say_so_ends_only_by_old_versions(sender):
    """draft -01, section 5, to draft -04, where Upload-Complete became required."""
    url = sender.create(BODY[:10]).headers["location"]
    answer = sender.append(url, 10, BODY[10:], complete=None)
    if sender.version in {3, 4, 5}:
        assert (answer.status_code, is_complete(answer)) == (202, True)
    elif sender.version is not None:
        refused(answer, 400, "bad_upload_header")


def test_the_lifetime_has_the_versions_own_name(sender):
    """draft -06: `expires` is `max-age` now."""
    limit = sender.create().headers["upload-limit"]
    assert ("expires=" if sender.version == 6 else "max-age=") in limit
