"""PATCH /uploads/{id} by the IETF draft; sections are those of draft-ietf-httpbis-resumable-upload-11."""

import os

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


@pytest.fixture
def url(sender):
    """An upload of 1000 bytes so far, of a length that was not said."""
    return sender.create(BODY[:1000]).headers["location"]


def test_PATCH_parts_make_the_whole(sender, uploads_api, url):
    """Section 3.2."""
    middle = sender.append(url, 1000, BODY[1000:2000])
    assert (middle.status_code, middle.content) == (204, b"")
    assert (is_complete(middle), middle.headers["upload-offset"]) == (False, "2000")
    last = sender.append(url, 2000, BODY[2000:], complete=True)
    assert (last.status_code, last.json()["state"], last.json()["size"]) == (202, "received", len(BODY)), last.text
    assert is_complete(last) is True
    assert last.json()["id"] == url.rsplit("/", 1)[1]
    assert [path.read_bytes() for path in uploads_api.files() if path.name == last.json()["id"]] == [BODY]


def test_PATCH_at_another_offset_is_told_the_right_one(sender, url):
    """Sections 4.4.2 and 7.1."""
    answer = sender.append(url, 999, BODY[999:], complete=True)
    problem = refused(answer, 409, "offset_mismatch", "mismatching-upload-offset")
    assert (problem["expected-offset"], problem["provided-offset"]) == (1000, 999)
    assert (answer.headers["upload-offset"], is_complete(answer)) == ("1000", False)
    assert sender.offset(url).headers["upload-offset"] == "1000"


@pytest.mark.parametrize(
    "headers", [{"upload_offset": None}, {"upload_offset": "x"}, {"upload_offset": "-1"}, {"upload_complete": "yes"}]
)
def test_PATCH_must_say_its_offset_and_whether_it_ends(sender, url, headers):
    """Section 4.4.1: both are required; other values count as unsaid (sections 4.1.1 and 4.1.2)."""
    complete = None if "upload_complete" in headers else False
    refused(sender.append(url, 1000, BODY, complete=complete, **headers), 400, "bad_upload_header")
    assert sender.offset(url).headers["upload-offset"] == "1000"


def test_PATCH_of_another_type_is_refused_with_the_right_one(sender, url):
    """Section 4.4.1 and RFC 5789, section 2.2."""
    for media_type in ("application/octet-stream", None):
        answer = sender.append(url, 1000, BODY, content_type=media_type)
        refused(answer, 415, "append_type_wrong")
        assert answer.headers["accept-patch"] == "application/partial-upload"


def test_PATCH_of_the_right_type_in_other_letters_is_taken(sender, url):
    """RFC 9110, section 8.3.1."""
    assert sender.append(url, 1000, BODY, content_type="Application/Partial-Upload; a=b").status_code == 204


def test_PATCH_with_nothing_may_end_the_upload(sender, url):
    """Section 4.4.1: no content and Upload-Complete ?1, once all was sent."""
    answer = sender.append(url, 1000, complete=True)
    assert (answer.status_code, answer.json()["size"], is_complete(answer)) == (202, 1000, True), answer.text


def test_PATCH_all_bytes_are_the_end_though_it_is_not_said(sender):
    """draft -12: the server may complete an upload. tus-js-client ends streams of a known size like this."""
    url = sender.create(BODY[:10], upload_length="20").headers["location"]
    answer = sender.append(url, 10, BODY[10:20])
    assert (answer.status_code, is_complete(answer), answer.json()["size"]) == (202, True, 20), answer.text
    again = sender.append(url, 20, complete=True)
    assert (again.status_code, again.json()["id"]) == (202, answer.json()["id"]), again.text


def test_PATCH_may_say_the_length_once(sender, url):
    """Section 4.1.3: values of several requests must match."""
    assert sender.append(url, 1000, BODY[1000:1010], upload_length="2000").status_code == 204
    assert sender.offset(url).headers["upload-length"] == "2000"
    answer = sender.append(url, 1010, BODY[1010:1020], upload_length="2001")
    refused(answer, 400, "inconsistent_length", "inconsistent-upload-length")


def test_PATCH_that_ends_before_the_length_is_refused(sender):
    """Section 4.1.3: the sum of the offset and Content-Length is the length."""
    url = sender.create(BODY[:10], upload_length="100").headers["location"]
    answer = sender.append(url, 10, BODY[10:20], complete=True)
    refused(answer, 400, "inconsistent_length", "inconsistent-upload-length")


def test_PATCH_chunked_that_ends_before_the_length_does_not_complete_it(sender):
    """Section 4.1.3, where no Content-Length tells it beforehand."""
    url = sender.create(BODY[:10], upload_length="100").headers["location"]
    answer = sender.append(url, 10, iter([BODY[10:20]]), complete=True)
    refused(answer, 400, "inconsistent_length", "inconsistent-upload-length")
    assert is_complete(sender.offset(url)) in {False, None}


def test_PATCH_beyond_the_length_never_passes_it(sender):
    """Section 4.4.2: the offset must not exceed the length, also where no Content-Length tells it."""
    for body in (BODY[10:200], iter([BODY[10:100], BODY[100:200]])):
        url = sender.create(BODY[:10], upload_length="100").headers["location"]
        answer = sender.append(url, 10, body)
        assert answer.status_code in {400, 413}, answer.text
        assert int(sender.offset(url).headers.get("upload-offset", "0")) <= 100


def test_PATCH_a_wrong_digest_of_the_body_counts_nothing_of_it(sender, url):
    """Section 10.2."""
    answer = sender.append(url, 1000, BODY[1000:], complete=True, content_digest=digest_of(b"other"))
    refused(answer, 422, "checksum_mismatch", "digest-mismatched-values")
    assert is_complete(answer) is False
    assert sender.offset(url).headers["upload-offset"] == "1000"
    right = sender.append(url, 1000, BODY[1000:], complete=True, content_digest=digest_of(BODY[1000:]))
    assert right.status_code == 202


def test_PATCH_the_digest_of_the_whole_is_checked_at_its_end(sender):
    """Section 10.1."""
    url = sender.create(BODY[:1000], repr_digest=digest_of(BODY)).headers["location"]
    assert sender.append(url, 1000, BODY[1000:2000]).status_code == 204
    answer = sender.append(url, 2000, BODY[1999:], complete=True)
    refused(answer, 422, "digest_mismatch", "digest-mismatched-values")
    assert is_complete(answer) is True
    assert sender.offset(url).status_code == 410


def test_PATCH_may_bring_the_digest_of_the_whole_late(sender, url):
    """Section 10.1: a client that reads its file once knows the digest at its end."""
    other = sender.create(BODY[:1000]).headers["location"]
    wrong = sender.append(other, 1000, BODY[1000:], complete=True, repr_digest=digest_of(b"other"))
    refused(wrong, 422, "digest_mismatch", "digest-mismatched-values")
    right = sender.append(url, 1000, BODY[1000:], complete=True, repr_digest=digest_of(BODY))
    assert (right.status_code, right.headers["repr-digest"]) == (202, digest_of(BODY))


def test_PATCH_a_complete_upload_is_left_as_it_is(sender, url):
    """Sections 4.4.2 and 7.2."""
    sender.append(url, 1000, BODY[1000:], complete=True)
    for complete in (True, False):
        answer = sender.append(url, len(BODY), b"more", complete=complete)
        refused(answer, 400, "upload_complete", "completed-upload")
    assert sender.offset(url).headers["upload-offset"] == str(len(BODY))


def test_PATCH_that_ends_a_complete_upload_again_gets_the_receipt_again(sender, url):
    """Section 11: a client may have lost the final answer; it asks for the offset, and has nothing left to send."""
    first = sender.append(url, 1000, BODY[1000:], complete=True)
    again = sender.append(url, len(BODY), complete=True)
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"]), again.text
    refused(sender.append(url, 5, complete=True), 400, "upload_complete", "completed-upload")


def test_PATCH_where_no_upload_is(sender, uploads_api):
    """Section 4.4.2, and nothing of completeness is said."""
    for name in ("019a0000-0000-7000-8000-000000000001", "x", "..%2Fx"):
        answer = sender.append(f"{uploads_api.url}/uploads/{name}", 0, BODY)
        assert (answer.status_code, is_complete(answer)) == (404, None), answer.text
