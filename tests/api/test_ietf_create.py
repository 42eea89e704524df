"""POST /uploads by the IETF draft; sections are those of draft-ietf-httpbis-resumable-upload-11."""

import os
import re

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


def stored(api, answer):
    """Return what the store has of an answer's receipt."""
    return [path.read_bytes() for path in api.files() if path.name == answer.json()["id"]]


def test_POST_the_whole_file_gives_its_receipt(sender, uploads_api):
    """Section 4.2.2: with Upload-Complete ?1 the answer is the targeted resource's."""
    answer = sender.create(BODY, complete=True, params={"filename": "a.bin"})
    receipt = answer.json()
    assert (answer.status_code, receipt["state"], receipt["size"]) == (202, "received", len(BODY)), answer.text
    assert (is_complete(answer), answer.headers["upload-offset"]) == (True, str(len(BODY)))
    assert answer.headers["location"] == f"{uploads_api.url}/uploads/{receipt['id']}"
    assert answer.headers["upload-draft-interop-version"] == "9"
    assert stored(uploads_api, answer) == [BODY]


def test_POST_a_complete_answer_tells_its_digest_and_where_its_receipt_is(sender, uploads_api):
    """Sections 10.1 and 11."""
    answer = sender.create(BODY, complete=True, want_repr_digest="sha-256=1")
    assert answer.headers["repr-digest"] == digest_of(BODY)
    assert answer.headers["link"] == f'<{uploads_api.url}/ingest/{answer.json()["id"]}>; rel="status"'


def test_POST_a_part_gives_the_upload(sender, uploads_api):
    """Section 4.2.2: Location, Upload-Limit, and 201."""
    answer = sender.create(BODY[:1000], upload_length=str(len(BODY)))
    assert (answer.status_code, answer.content) == (201, b""), answer.text
    assert (is_complete(answer), answer.headers["upload-offset"]) == (False, "1000")
    assert re.fullmatch(rf"{uploads_api.url}/uploads/[0-9a-f-]{{36}}", answer.headers["location"])
    limits = re.fullmatch(r"max-size=(\d+), max-age=(\d+)", answer.headers["upload-limit"])
    assert int(limits[1]) == 64 << 20
    assert 0 < int(limits[2]) <= 24 * 3600
    assert "repr-digest" not in answer.headers


def test_POST_nothing_yet_gives_the_upload(sender):
    """Section 12.2, "Careful Upload Creation"."""
    answer = sender.create()
    assert (answer.status_code, is_complete(answer), answer.headers["upload-offset"]) == (201, False, "0")
    assert sender.append(answer.headers["location"], 0, BODY, complete=True).status_code == 202


def test_POST_chunked_bodies_are_taken(sender, uploads_api):
    """Section 9: transfer codings are no part of the offset."""
    pieces = (BODY[start : start + 7_777] for start in range(0, len(BODY), 7_777))
    answer = sender.create(pieces, complete=True)
    assert (answer.status_code, answer.headers["upload-offset"]) == (202, str(len(BODY))), answer.text
    assert stored(uploads_api, answer) == [BODY]


def test_POST_an_empty_file_is_over_at_once(sender):
    """Section 4.2.1: an empty representation is valid; to us it is rejected, as its receipt says."""
    answer = sender.create(complete=True)
    assert (answer.status_code, answer.json()["state"]) == (202, "rejected"), answer.text
    assert is_complete(answer)


def test_POST_is_named_typed_and_labelled(sender, client):
    """Section 4.2.1: Content-Type and Content-Disposition are the representation's."""
    first = sender.create(
        content_type="video/mp4",
        content_disposition="inline; filename=\"plain.mp4\"; filename*=UTF-8''%C3%A9.mp4",
        params={"labels": '{"camera": "door"}'},
    )
    receipt = client.get(f"/ingest/{first.headers['location'].rsplit('/', 1)[1]}").json()
    assert (receipt["original_filename"], receipt["declared_type"]) == ("é.mp4", "video/mp4")
    assert receipt["labels"] == {"camera": "door"}
    second = sender.create(BODY, complete=True, params={"filename": "a.bin"})
    assert (second.json()["original_filename"], second.json()["declared_type"]) == ("a.bin", None)


def test_POST_without_a_name_is_named_by_its_id(sender):
    answer = sender.create(BODY, complete=True)
    assert answer.json()["id"] in answer.json()["filename"]


@pytest.mark.parametrize("value", ["1", "true", "?2", "", "?1, ?0"])
def test_POST_a_value_that_is_no_boolean_counts_as_unsaid(sender, value):
    """Section 4.1.2."""
    refused(sender.create(BODY, complete=None, upload_complete=value), 400, "bad_upload_header")


def test_POST_begins_at_0(sender):
    """Section 4.2.1: a creation has no offset."""
    refused(sender.create(BODY, complete=True, upload_offset="5"), 400, "bad_upload_header")


def test_POST_two_lengths_must_match(sender):
    """Section 4.1.3 and 7.3."""
    answer = sender.create(BODY, complete=True, upload_length=str(len(BODY) + 1))
    refused(answer, 400, "inconsistent_length", "inconsistent-upload-length")


def test_POST_more_than_the_limit_is_refused_with_the_limit(sender):
    """Section 4.1.4: a 413 carries Upload-Limit."""
    answer = sender.create(upload_length=str((64 << 20) + 1))
    refused(answer, 413, "too_large")
    assert answer.headers["upload-limit"].startswith("max-size=67108864")


def test_POST_a_right_digest_of_the_body_and_the_whole_is_accepted(sender):
    """Section 10."""
    headers = {"content_digest": digest_of(BODY), "repr_digest": digest_of(BODY)}
    assert sender.create(BODY, complete=True, **headers).status_code == 202


def test_POST_a_wrong_digest_of_the_body_leaves_the_upload_empty(sender):
    """Section 10.2: the content is not appended, and the failure is told."""
    answer = sender.create(BODY, complete=True, content_digest=digest_of(b"other"))
    refused(answer, 422, "checksum_mismatch", "digest-mismatched-values")
    assert is_complete(answer) is False
    url = answer.headers["location"]
    assert sender.offset(url).headers["upload-offset"] == "0"
    assert sender.append(url, 0, BODY, complete=True).status_code == 202


def test_POST_a_wrong_digest_of_the_whole_ends_the_upload(sender, uploads_api):
    """Section 10.1: the upload has failed. Upload-Complete ?1 says that a resumption would not help (section 4.4.1)."""
    before = sorted(uploads_api.files())
    answer = sender.create(BODY, complete=True, repr_digest=digest_of(b"other"))
    refused(answer, 422, "digest_mismatch", "digest-mismatched-values")
    assert is_complete(answer) is True
    assert sender.offset(answer.headers["location"]).status_code == 410
    assert sorted(uploads_api.files()) == before


def test_POST_what_is_not_admitted_ends_the_upload(own_api):
    """Section 4.4.1: Upload-Complete ?1 with 4xx is about the file."""
    api = own_api(ALLOWED_TYPES="image/*")
    with api.client() as client:
        answer = Sender(client).create(b"\x1f\x8b\x08" + BODY, complete=True)
        refused(answer, 415, "media_type_not_allowed")
        assert is_complete(answer) is True
        assert Sender(client).offset(answer.headers["location"]).status_code == 410
    assert api.files() == []


def test_POST_the_same_key_finds_the_upload_again(sender):
    """Section 12.1: without 104 a client that was cut off does not know the URL; the key finds it."""
    first = sender.create(BODY[:1000], idempotency_key="ietf-1")
    again = sender.create(idempotency_key="ietf-1")
    assert (again.status_code, again.headers["location"]) == (201, first.headers["location"]), again.text
    assert (is_complete(again), again.headers["upload-offset"]) == (False, "1000")


def test_POST_the_same_key_with_bytes_from_the_beginning_is_told_where_to_go_on(sender):
    """Section 4.4.2: as an append at the wrong offset, with the upload's URL."""
    said = {"idempotency_key": "ietf-2", "upload_length": str(len(BODY))}
    first = sender.create(BODY[:1000], **said)
    again = sender.create(BODY, complete=True, **said)
    problem = refused(again, 409, "offset_mismatch", "mismatching-upload-offset")
    assert (problem["expected-offset"], problem["provided-offset"]) == (1000, 0)
    assert (again.headers["location"], again.headers["upload-offset"]) == (first.headers["location"], "1000")
    assert is_complete(again) is False


def test_POST_the_same_key_after_the_end_gives_the_receipt_again(sender, uploads_api):
    said = {"idempotency_key": "ietf-3", "upload_length": str(len(BODY))}
    first = sender.create(BODY, complete=True, **said)
    before = sorted(uploads_api.files())
    for again in (sender.create(BODY, complete=True, **said), sender.create(**said)):
        assert (again.status_code, again.json()["id"]) == (202, first.json()["id"]), again.text
        assert again.headers["location"] == first.headers["location"]
    assert sorted(uploads_api.files()) == before


def test_POST_the_same_key_for_another_file_is_refused(sender):
    sender.create(BODY[:1000], idempotency_key="ietf-4")
    answer = sender.create(BODY[:1000], idempotency_key="ietf-4", params={"filename": "b.bin"})
    refused(answer, 422, "idempotency_key_reused")
