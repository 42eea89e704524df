"""tus 1.0.0, "Concatenation" and "Termination"."""

import hashlib
import os

import pytest

from tests.api.tus import append, create, created, head, metadata, offset, receipt, refused, terminate

BODY = os.urandom(3 << 20)
THIRDS = [BODY[: 1 << 20], BODY[1 << 20 : 2 << 20], BODY[2 << 20 :]]


def part(client, content):
    """Upload a part; return its URL."""
    url = created(client, len(content), upload_concat="partial")
    assert append(client, url, 0, content).status_code == 204
    return url


def path(url):
    return "/" + url.split("/", 3)[3]


@pytest.mark.parametrize("spelled", [str, path], ids=["absolute", "relative"])
def test_POST_of_a_final_upload_joins_the_parts_in_their_order(uploads, uploads_api, spelled):
    """See "Concatenation"."""
    sent = "final;" + " ".join(spelled(part(uploads, each)) for each in THIRDS)
    answer = create(uploads, upload_concat=sent, upload_metadata=metadata(filename="whole.bin"))
    assert answer.status_code == 201
    url = answer.headers["location"]
    found = head(uploads, url)
    assert found.headers["upload-concat"] == sent
    assert (found.headers["upload-length"], found.headers["upload-offset"]) == (str(len(BODY)), str(len(BODY)))
    done = receipt(uploads, url)
    assert (done["state"], done["size"], done["filename"]) == ("received", len(BODY), "whole.bin")
    (stored,) = [each for each in uploads_api.files() if each.name == done["id"]]
    assert hashlib.sha256(stored.read_bytes()).digest() == hashlib.sha256(BODY).digest()


def test_HEAD_of_a_part_says_so_and_it_never_becomes_received(uploads):
    url = part(uploads, b"12345")
    assert head(uploads, url).headers["upload-concat"] == "partial"
    assert receipt(uploads, url)["state"] == "receiving"
    assert append(uploads, url, 5, b"").status_code == 204


def test_POST_of_a_final_upload_again_gives_the_same_one(uploads):
    sent = f"final;{part(uploads, b'12345')} {part(uploads, b'67890')}"
    first, again = (create(uploads, upload_concat=sent) for _ in range(2))
    assert (again.status_code, again.headers["location"]) == (201, first.headers["location"])


def test_PATCH_of_a_final_upload_is_forbidden(uploads):
    """See "Concatenation": 403."""
    url = created(uploads, upload_concat=f"final;{part(uploads, b'12345')}")
    refused(append(uploads, url, 5, b"x"), 403, "final_upload")
    refused(append(uploads, url, 0, b""), 403, "final_upload")
    assert offset(uploads, url) == 5


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("final", "not_joinable"),
        ("final;", "not_joinable"),
        ("final;/uploads/x", "not_joinable"),
        ("final;http://[", "not_joinable"),
        ("final;/uploads/01890000-0000-7000-8000-000000000000", "not_joinable"),
        ("partially", "bad_upload_header"),
        ("partial;x", "bad_upload_header"),
    ],
)
def test_POST_that_names_no_parts_is_refused(uploads, sent, code):
    refused(create(uploads, None if sent.startswith("final") else 5, upload_concat=sent), 400, code)


def test_POST_of_a_final_upload_of_what_is_no_complete_part_is_refused(uploads):
    """See "Concatenation": unfinished ones are not joined by us."""
    whole, unfinished = created(uploads, 5), created(uploads, 5, upload_concat="partial")
    append(uploads, unfinished, 0, b"123")
    for url in (whole, unfinished):
        refused(create(uploads, upload_concat=f"final;{part(uploads, b'1')} {url}"), 400, "not_joinable")


def test_POST_of_a_final_upload_has_no_length_of_its_own(uploads):
    """See "Upload-Length"."""
    url = part(uploads, b"12345")
    refused(create(uploads, 5, upload_concat=f"final;{url}"), 400, "bad_upload_header")


# Termination


def test_DELETE_ends_an_upload_and_it_is_gone(uploads, uploads_api):
    url = created(uploads, 10)
    append(uploads, url, 0, b"12345")
    before = len(uploads_api.files())
    answer = terminate(uploads, url)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["tus-resumable"] == "1.0.0"
    refused(head(uploads, url), 410, "upload_gone")
    refused(append(uploads, url, 5, b"x"), 410, "upload_gone")
    refused(terminate(uploads, url), 410, "upload_gone")
    assert len(uploads_api.files()) == before - 1
    assert [move["detail"] for move in receipt(uploads, url)["history"]] == [None, "terminated"]


def test_DELETE_of_a_part_frees_it(uploads):
    url = part(uploads, b"12345")
    assert terminate(uploads, url).status_code == 204
    refused(create(uploads, upload_concat=f"final;{url}"), 400, "not_joinable")


def test_DELETE_of_what_is_received_is_refused(uploads):
    url = created(uploads, 5)
    append(uploads, url, 0, b"12345")
    refused(terminate(uploads, url), 400, "upload_complete")
    assert receipt(uploads, url)["state"] == "received"
