"""What the IETF draft's headers say, by its versions; sections are those of draft-ietf-httpbis-resumable-upload-11."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.requests import Request

from api.ietf import fields
from api.ietf.heads import head_of
from api.ietf.versions import NEWEST, OLDEST, Version, version_of
from shared.digest import sha256_digest
from shared.errors import BadDigestHeader, IncompleteBody, InconsistentLength

LARGEST = 10**15 - 1
DIGEST = sha256_digest(hashlib.sha256(b"bytes").hexdigest())


def one(value):
    return Headers({"field": value})


def said(version=None, http="1.1", **headers):
    raw = Headers({name.replace("_", "-"): value for name, value in headers.items()}).raw
    return head_of(Request({"type": "http", "http_version": http, "headers": raw}), Version(version))


@pytest.mark.parametrize("value", ["?1", " ?1 ", "?1;a", "?1; a=?0;b=:YQ==:;c=1.5", '?1;a="x\\"y"', "?1;a=b/c:d;*=@17"])
def test_a_boolean_is_read_and_its_parameters_are_ignored(value):
    """RFC 9651, section 4.2.3."""
    assert fields.boolean(one(value), "field") is True


@pytest.mark.parametrize(
    "value", ["", "1", "true", "?2", "?1?1", "?1, ?1", "?1 a", "?1;", "?1;A", "?1;a=", "?1;a=\u00e9", "?\u00b9", '"?1"']
)
def test_what_is_no_boolean_counts_as_unsaid(value):
    """Section 4.1.2: other values cause the entire header field to be ignored."""
    assert fields.boolean(one(value), "field") is None


@pytest.mark.parametrize(
    ("value", "number"), [("0", 0), (" 7 ", 7), ("007", 7), ("-0", 0), ("5;a=1", 5), (str(LARGEST), LARGEST)]
)
def test_an_integer_is_read(value, number):
    """RFC 9651, section 4.2.4."""
    assert fields.integer(one(value), "field") == number


@pytest.mark.parametrize(
    "value", ["", "-1", "+1", "1.0", "1e3", "0x1", "1 2", "1, 1", "?1", str(LARGEST + 1), "\u00b2", "one", "1;a=\x00"]
)
def test_what_is_no_integer_or_is_negative_counts_as_unsaid(value):
    """Section 4.1.1: other values cause the entire header field to be ignored."""
    assert fields.integer(one(value), "field") is None


@given(st.integers(0, LARGEST))
def test_every_integer_is_read_as_it_is_written(number):
    assert fields.integer(one(str(number)), "field") == number


@given(st.text(st.characters(max_codepoint=255), max_size=30))
def test_no_value_makes_a_reader_fail(value):
    headers = Headers(raw=[(b"field", value.encode("latin-1"))])
    assert fields.boolean(headers, "field") in {True, False, None}
    number = fields.integer(headers, "field")
    assert number is None or 0 <= number <= LARGEST


def test_two_lines_of_an_item_count_as_unsaid():
    """RFC 9651, section 4.2: lines are joined by a comma, and an item has none."""
    headers = Headers(raw=[(b"upload-offset", b"1"), (b"upload-offset", b"1")])
    assert fields.integer(headers, "upload-offset") is None


def test_a_dictionary_is_written_with_its_keys():
    """RFC 9651, section 4.1.2."""
    assert fields.dictionary({"max-size": 10, "max-age": 0}) == "max-size=10, max-age=0"


@pytest.mark.parametrize("number", range(OLDEST, NEWEST + 1))
def test_every_known_version_is_known(number):
    """Appendix "Draft Version Identification"."""
    assert version_of(Headers({"upload-draft-interop-version": str(number)})) == Version(number)


@pytest.mark.parametrize("value", [None, "", "2", "10", "x", "-3", "3, 4"])
def test_an_unknown_version_is_the_newest_without_its_number(value):
    """Appendix "Draft Version Identification": no 104 goes to it."""
    headers = {} if value is None else {"upload-draft-interop-version": value}
    version = version_of(Headers(headers))
    assert version == Version(None)
    assert (version.types_appends, version.may_end_early, version.lifetime) == (True, True, "max-age")


def test_what_the_versions_differ_in():
    """docs/decisions/0014-ietf-uploads.md, "The versions"."""
    numbers = range(OLDEST, NEWEST + 1)
    assert [n for n in numbers if Version(n).says_incomplete] == [3]
    assert [n for n in numbers if Version(n).completes_unsaid] == [3, 4, 5]
    assert [n for n in numbers if Version(n).types_appends] == [6, 7, 8, 9]
    assert [n for n in numbers if Version(n).lifetime == "expires"] == [6]
    assert [n for n in numbers if Version(n).may_end_early] == [9]


def test_version_3_says_incomplete_where_the_others_say_complete():
    """draft -01, section 6.2; draft -02 replaced it."""
    assert Version(3).completeness(complete=True) == {"Upload-Incomplete": "?0"}
    assert Version(4).completeness(complete=True) == {"Upload-Complete": "?1"}
    assert said(3, upload_incomplete="?1").complete is False
    assert said(3, upload_complete="?1").complete is None
    assert said(4, upload_complete="?1").complete is True
    assert said(4, upload_incomplete="?1").complete is None


def test_the_length_is_said_or_counted():
    """Section 4.1.3: Upload-Length, or Content-Length of the body that ends the upload."""
    assert said(upload_complete="?0", content_length="5").length is None
    assert said(upload_complete="?0", content_length="5", upload_length="9").length == 9
    assert said(upload_complete="?1", content_length="5").length == 5
    assert said(upload_complete="?1", content_length="5", upload_offset="4").length == 9
    assert said(upload_complete="?1", content_length="5", upload_offset="4", upload_length="9").length == 9
    assert said(upload_complete="?1", upload_length="9", transfer_encoding="chunked").length == 9
    assert said(upload_complete="?1", transfer_encoding="chunked").length is None


def test_a_request_without_a_body_has_0_bytes():
    """RFC 9112, section 6.3; other versions of HTTP frame their bodies in another way."""
    assert (said(upload_complete="?1").size, said(upload_complete="?1").length) == (0, 0)
    assert said(upload_complete="?1", transfer_encoding="chunked").size is None
    assert said(upload_complete="?1", http="2").size is None


def test_two_lengths_in_one_request_must_match():
    """Section 4.1.3."""
    with pytest.raises(InconsistentLength):
        said(upload_complete="?1", content_length="5", upload_offset="4", upload_length="8")


def test_an_upload_length_that_is_none_is_ignored():
    """Section 4.1.3."""
    assert said(upload_complete="?0", upload_length="-9").length is None


def test_the_digest_of_the_body_is_its_checksum():
    """Section 10.2; that of the whole, Repr-Digest, is the sender's in every way in."""
    assert said(content_digest=f"md5=:AAAA:, {DIGEST}").checksum == DIGEST
    assert said(content_digest="md5=:AAAA:").checksum is None
    assert said(repr_digest=str(DIGEST)).checksum is None


def test_what_cannot_be_read_is_refused():
    """RFC 9530, section 2, and RFC 9110, section 8.6."""
    with pytest.raises(BadDigestHeader):
        said(content_digest="sha-256=5")
    with pytest.raises(IncompleteBody):
        said(content_length="-5")
