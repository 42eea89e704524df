"""tus 1.0.0: "Creation", "Creation With Upload", "Creation Defer Length" and "Expiration"."""

import base64
import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from tests.api.tus import (
    VERSION,
    answer_on,
    append,
    create,
    created,
    half_sent,
    head,
    metadata,
    offset,
    receipt,
    refused,
)
from tests.system.client import eventually

LIMIT = 64 << 20


def test_POST_creates_an_upload_and_tells_its_absolute_url(uploads, uploads_api):
    """See "Creation", "POST"."""
    answer = create(uploads, 10)
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["location"].startswith(f"{uploads_api.url}/uploads/")
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert offset(uploads, answer.headers["location"]) == 0


def test_POST_to_the_address_with_a_slash_is_the_same(uploads):
    assert uploads.post("/uploads/", headers=VERSION | {"upload-length": "10"}).status_code == 201


@pytest.mark.parametrize("sent", ["", "-1", "1.5", "x", "0x10", "9" * 30, "+1", "1,2", "\u0661"])
def test_POST_with_a_length_that_is_no_number_is_refused(uploads, sent):
    """See "Upload-Length"."""
    headers = {**VERSION, "upload-length": sent.encode()}
    refused(uploads.post("/uploads", headers=headers), 400, "bad_upload_header")


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"upload-length": "1", "upload-defer-length": "1"},
        {"upload-defer-length": "0"},
        {"upload-defer-length": "2"},
        {"upload-defer-length": "true"},
    ],
)
def test_POST_says_a_length_or_that_it_comes_later(uploads, sent):
    """See "Upload-Length" and "Upload-Defer-Length"."""
    refused(uploads.post("/uploads", headers=VERSION | sent), 400, "bad_upload_header")


def test_POST_of_more_than_is_admitted_is_refused(uploads):
    """See "POST": 413."""
    refused(create(uploads, LIMIT + 1), 413, "too_large")
    assert create(uploads, LIMIT).status_code == 201


def test_POST_keeps_the_metadata_and_HEAD_gives_it_back_as_it_was(uploads):
    """See "Upload-Metadata"."""
    sent = f"{metadata(filename='über.mp4', filetype='video/mp4')},is_confidential,empty ,relativePath bnVsbA=="
    url = created(uploads, 10, upload_metadata=sent)
    assert head(uploads, url).headers["upload-metadata"] == sent
    found = receipt(uploads, url)
    assert (found["filename"], found["declared_type"], found["labels"]) == ("über.mp4", "video/mp4", {})


def test_POST_takes_the_names_that_uppy_gives_and_labels(uploads):
    url = created(uploads, 10, upload_metadata=metadata(name="a.txt", type="text/plain", labels='{"camera": "door"}'))
    found = receipt(uploads, url)
    assert (found["filename"], found["declared_type"]) == ("a.txt", "text/plain")
    assert found["labels"] == {"camera": "door"}


def test_POST_without_a_name_the_id_is_the_name(uploads):
    url = created(uploads, 10)
    assert receipt(uploads, url)["filename"] == url.rsplit("/", 1)[1]
    assert "upload-metadata" not in head(uploads, url).headers


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("filename !!!", "bad_upload_header"),
        ("filename YQ", "bad_upload_header"),
        ("filename YQ== YQ==", "bad_upload_header"),
        ("a YQ==,a Yg==", "bad_upload_header"),
        (",", "bad_upload_header"),
        ("a YQ==,", "bad_upload_header"),
        (metadata(filetype="text/plain\n"), "bad_upload_header"),
        (metadata(labels="[]"), "bad_labels"),
        (metadata(filename="..."), "bad_filename"),
    ],
)
def test_POST_with_metadata_that_cannot_be_read_is_refused(uploads, sent, code):
    """See "Upload-Metadata": keys are unique and not empty, values are Base64."""
    refused(create(uploads, 10, upload_metadata=sent), 400, code)


def test_POST_the_same_key_gives_the_first_upload(uploads):
    first = create(uploads, 10, idempotency_key="tus-1")
    append(uploads, first.headers["location"], 0, b"12345")
    again = create(uploads, 10, idempotency_key="tus-1")
    assert (again.status_code, again.headers["location"]) == (201, first.headers["location"])
    refused(create(uploads, 11, idempotency_key="tus-1"), 422, "idempotency_key_reused")


def test_POST_of_an_empty_file_is_content_with_tus_and_rejected_by_us(uploads):
    """See "Creation": nothing says that a length is not 0; the receipt says that we take no empty files."""
    url = created(uploads, 0)
    answer = head(uploads, url)
    assert (answer.headers["upload-offset"], answer.headers["upload-length"]) == ("0", "0")
    found = receipt(uploads, url)
    assert (found["state"], [each["code"] for each in found["verdict"]["reasons"]]) == ("rejected", ["empty_file"])
    assert append(uploads, url, 0, b"").status_code == 204
    refused(append(uploads, url, 0, b"x"), 413, "too_large")


# Creation With Upload


def test_POST_with_bytes_appends_them(uploads):
    """See "Creation With Upload"."""
    answer = create(uploads, 10, b"12345")
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "5")
    assert append(uploads, answer.headers["location"], 5, b"67890").status_code == 204


@pytest.mark.parametrize("chunked", [True, False])
def test_POST_with_all_bytes_is_received(uploads, chunked):
    """See "Creation With Upload"."""
    answer = create(uploads, 10, iter([b"12345", b"67890"]) if chunked else b"1234567890")
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "10")
    assert receipt(uploads, answer.headers["location"])["sha256"] == hashlib.sha256(b"1234567890").hexdigest()


def test_POST_with_bytes_of_another_type_is_refused(uploads):
    """See "Creation With Upload": the content type is that of PATCH."""
    refused(create(uploads, 10, b"12345", content_type="text/plain"), 415, "append_type_wrong")


def test_POST_with_more_bytes_than_its_length_leaves_no_upload(uploads, uploads_api):
    before = len(uploads_api.files())
    refused(create(uploads, 4, b"12345"), 413, "too_large")
    refused(create(uploads, 4, iter([b"12345"])), 413, "too_large")
    assert len(uploads_api.files()) == before


def test_POST_with_bytes_that_is_repeated_under_its_key_tells_where_to_go_on(uploads):
    first = create(uploads, 10, b"12345", idempotency_key="tus-2")
    again = create(uploads, 10, b"12345", idempotency_key="tus-2")
    assert (again.status_code, again.headers["location"]) == (201, first.headers["location"])
    assert again.headers["upload-offset"] == "5"


def test_POST_with_bytes_that_is_repeated_while_the_first_one_hangs_takes_over(uploads, uploads_api):
    said = {"upload_length": "10", "idempotency_key": "tus-4"}
    hung = half_sent(f"{uploads_api.url}/uploads", 10, b"12345", method="POST", **said)
    assert eventually(lambda: uploads.get("/metrics").text.count("hmas_active_uploads 1.0"))
    again = create(uploads, 10, b"1234567890", idempotency_key="tus-4")
    assert (again.status_code, again.headers["upload-offset"]) == (201, "5")
    assert append(uploads, again.headers["location"], 5, b"67890").status_code == 204
    assert answer_on(hung)[0] == 423


# Creation Defer Length


def test_HEAD_tells_that_the_length_is_not_known_yet(uploads):
    """See "Upload-Defer-Length"."""
    url = created(uploads, upload_defer_length="1")
    append(uploads, url, 0, b"12345")
    answer = head(uploads, url)
    assert (answer.headers["upload-defer-length"], answer.headers["upload-offset"]) == ("1", "5")
    assert "upload-length" not in answer.headers


@pytest.mark.parametrize("last", [b"67890", b""])
def test_PATCH_may_say_the_length_with_its_bytes_or_alone(uploads, last):
    """See "Upload-Defer-Length"."""
    url = created(uploads, upload_defer_length="1")
    append(uploads, url, 0, b"12345")
    length = 5 + len(last)
    assert append(uploads, url, 5, last, upload_length=str(length)).status_code == 204
    assert head(uploads, url).headers["upload-length"] == str(length)
    assert receipt(uploads, url)["size"] == length


def test_PATCH_may_not_say_another_length(uploads):
    """See "Upload-Defer-Length": once it is set it stays."""
    url = created(uploads, 10)
    refused(append(uploads, url, 0, b"1", upload_length="11"), 400, "inconsistent_length")
    later = created(uploads, upload_defer_length="1")
    append(uploads, later, 0, b"1", upload_length="10")
    refused(append(uploads, later, 1, b"2", upload_length="11"), 400, "inconsistent_length")
    refused(append(uploads, later, 1, b"2", upload_length=str(LIMIT + 1)), 400, "inconsistent_length")


def test_PATCH_may_not_say_a_length_that_is_not_admitted(uploads):
    url = created(uploads, upload_defer_length="1")
    refused(append(uploads, url, 0, b"1", upload_length=str(LIMIT + 1)), 413, "too_large")
    assert "upload-defer-length" in head(uploads, url).headers


# Expiration


def expires(answer):
    return parsedate_to_datetime(answer.headers["upload-expires"])


def test_POST_HEAD_and_PATCH_tell_when_it_expires(uploads):
    """See "Upload-Expires"."""
    answer = create(uploads, 10)
    url, soon = answer.headers["location"], datetime.now(UTC) + timedelta(hours=24)
    for each in (answer, head(uploads, url), append(uploads, url, 0, b"12345"), append(uploads, url, 5, b"67890")):
        assert abs(expires(each) - soon) < timedelta(minutes=20)
        assert each.headers["upload-expires"].endswith(" GMT")


def test_an_expired_upload_is_gone(uploads, uploads_api):
    """See "Upload-Expires": 410."""
    url = created(uploads, 10)
    with closing(sqlite3.connect(uploads_api.data / "catalog.db", isolation_level=None)) as catalog:
        catalog.execute("UPDATE uploads SET expires_at = 0 WHERE ingest_id = ?", [url.rsplit("/", 1)[1]])
    refused(head(uploads, url), 410, "upload_gone")
    refused(append(uploads, url, 0, b"x"), 410, "upload_gone")


# Digests of the whole


def test_a_digest_that_was_declared_at_the_creation_is_checked_at_the_end(uploads):
    wrong = f"sha-256=:{base64.b64encode(hashlib.sha256(b'other').digest()).decode()}:"
    url = created(uploads, 5, repr_digest=wrong)
    append(uploads, url, 0, b"123")
    refused(append(uploads, url, 3, b"45"), 422, "digest_mismatch")
    refused(head(uploads, url), 410, "upload_gone")


def test_a_creation_whose_connection_breaks_leaves_nothing_for_nobody_knows_its_url(uploads, uploads_api):
    before = len(uploads_api.files())
    half_sent(f"{uploads_api.url}/uploads", 10, b"12345", method="POST", upload_length="10").close()
    ended = "SELECT ingest_id FROM moves WHERE after = 'aborted' AND detail = 'terminated' AND ingest_id = '{}'"
    newest = "SELECT id FROM ingests ORDER BY id DESC LIMIT 1"
    assert eventually(lambda: uploads_api.rows(ended.format(uploads_api.rows(newest)[0][0])))
    assert eventually(lambda: len(uploads_api.files()) == before)


def test_a_creation_whose_connection_breaks_goes_on_under_its_key(uploads, uploads_api):
    said = {"upload_length": "10", "idempotency_key": "tus-3"}
    sending = half_sent(f"{uploads_api.url}/uploads", 10, b"12345", method="POST", **said)
    assert eventually(lambda: uploads.get("/metrics").text.count("hmas_active_uploads 1.0"))
    sending.close()

    def there():
        answer = create(uploads, 10, idempotency_key="tus-3")
        return offset(uploads, answer.headers["location"]) == 5 and answer.headers["location"]

    assert append(uploads, eventually(there), 5, b"67890").status_code == 204
