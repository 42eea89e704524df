"""tus 1.0.0, "Checksum"."""

import base64
import hashlib
import zlib

import pytest

from tests.api.tus import answer_on, append, create, created, half_sent, offset, receipt, refused
from tests.system.client import eventually

VALUES = {
    "sha1": hashlib.sha1(b"12345").digest(),
    "sha256": hashlib.sha256(b"12345").digest(),
    "md5": hashlib.md5(b"12345").digest(),
    "crc32": zlib.crc32(b"12345").to_bytes(4, "big"),
}


def said(algorithm, value=None):
    return f"{algorithm} {base64.b64encode(value or VALUES[algorithm]).decode()}"


@pytest.mark.parametrize("algorithm", VALUES)
def test_PATCH_with_the_right_checksum_counts(uploads, algorithm):
    url = created(uploads, 7)
    append(uploads, url, 0, b"ab")
    answer = append(uploads, url, 2, b"12345", upload_checksum=said(algorithm))
    assert (answer.status_code, answer.headers["upload-offset"]) == (204, "7")
    assert receipt(uploads, url)["sha256"] == hashlib.sha256(b"ab12345").hexdigest()


@pytest.mark.parametrize("algorithm", VALUES)
def test_PATCH_with_a_wrong_checksum_goes_back_to_where_it_began(uploads, algorithm):
    url = created(uploads, 7)
    append(uploads, url, 0, b"ab")
    refused(append(uploads, url, 2, b"12346", upload_checksum=said(algorithm)), 460, "checksum_mismatch")
    assert offset(uploads, url) == 2
    assert append(uploads, url, 2, b"12345", upload_checksum=said(algorithm)).status_code == 204


@pytest.mark.parametrize("sent", ["sha512 YQ==", "sha1", "sha1 !", "sha1 YQ==", "", "SHA1 x", said("md5", b"x" * 15)])
def test_PATCH_with_a_checksum_that_cannot_be_checked_is_refused_before_its_bytes(uploads, sent):
    url = created(uploads, 5)
    refused(append(uploads, url, 0, b"12345", upload_checksum=sent), 400, "unknown_checksum")
    assert offset(uploads, url) == 0


def test_PATCH_that_is_cut_before_its_checksum_could_be_checked_counts_nothing(uploads):
    url = created(uploads, 10)
    status, _ = answer_on(half_sent(url, 5, b"1234", upload_checksum=said("sha1")))
    assert status == 423
    assert offset(uploads, url) == 0


def test_HEAD_counts_nothing_whose_checksum_is_not_checked_yet(uploads):
    url = created(uploads, 4 << 20)
    connection = half_sent(url, 4 << 20, b"x" * (3 << 20), upload_checksum=said("sha1"))
    assert eventually(lambda: uploads.get("/metrics").text.count("hmas_active_uploads 1.0"))
    assert [offset(uploads, url) for _ in range(5)] == [0] * 5
    connection.close()


def test_POST_with_bytes_and_a_checksum(uploads):
    assert create(uploads, 5, b"12345", upload_checksum=said("sha1")).headers["upload-offset"] == "5"
    refused(create(uploads, 5, b"12346", upload_checksum=said("sha1")), 460, "checksum_mismatch")
