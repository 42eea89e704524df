"""Request headers of tus as values."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.tus.headers import checksum_of, concat_of, created_length, metadata_of, offset_of
from shared.errors import BadLabels, BadUploadHeader, NotJoinable, UnknownChecksum
from shared.ids import new_id
from tests.unit.uploads import base64_of

READERS = {
    "upload-metadata": metadata_of,
    "upload-checksum": checksum_of,
    "upload-concat": concat_of,
    "upload-offset": offset_of,
    "upload-length": created_length,
}


@pytest.mark.parametrize("name", READERS)
@given(text=st.text(st.characters(max_codepoint=255)))
def test_no_text_does_more_than_to_be_refused(name, text):
    with suppress(BadUploadHeader, BadLabels, UnknownChecksum, NotJoinable):
        READERS[name]({name: text})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("upload-length", "0\x1f"),
        ("upload-offset", "1\x85"),
        ("upload-checksum", "sha1 \xe9"),
        ("upload-metadata", "a \xe9"),
        ("upload-concat", "final;//[\xe9"),
    ],
)
def test_what_python_takes_for_a_space_or_a_letter_is_refused_too(name, text):
    with pytest.raises((BadUploadHeader, UnknownChecksum, NotJoinable)):
        READERS[name]({name: text})


@given(st.dictionaries(st.from_regex(r"[a-z]{1,9}x", fullmatch=True), st.binary(max_size=40), min_size=1))
def test_metadata_of_any_keys_and_values_are_kept_as_they_were(pairs):
    raw = ",".join(f"{key} {base64_of(value)}" for key, value in pairs.items())
    assert metadata_of({"upload-metadata": raw}).raw == raw.strip()


def test_filename_goes_before_name_and_filetype_before_type():
    said = {"name": b"b", "filename": b"a", "type": b"text/b", "filetype": b"text/a"}
    found = metadata_of({"upload-metadata": ",".join(f"{key} {base64_of(value)}" for key, value in said.items())})
    assert (found.filename, found.declared_type) == ("a", "text/a")


def test_no_checksum_is_none_and_a_wrong_one_is_refused():
    assert checksum_of({}) is None
    assert checksum_of({"upload-checksum": f"md5 {base64_of(b'x' * 16)}"}).value == (b"x" * 16).hex()
    with pytest.raises(UnknownChecksum):
        checksum_of({"upload-checksum": f"md5 {base64_of(b'x' * 17)}"})


def test_parts_are_named_by_urls_of_any_spelling():
    ids = [new_id() for _ in range(4)]
    spelled = [f"/uploads/{ids[0]}", f"https://a.example:1/b/uploads/{ids[1]}?x=y#z", ids[2], f"uploads/{ids[3]}/"]
    assert concat_of({"upload-concat": f"final;{' '.join(spelled)}"}).parts == tuple(ids)
    with pytest.raises(NotJoinable):
        concat_of({"upload-concat": f"final;/uploads/{ids[0]}/x"})


def test_only_a_part_and_a_whole_are_known():
    assert concat_of({}) is None
    assert concat_of({"upload-concat": "partial"}).parts is None
    with pytest.raises(BadUploadHeader):
        concat_of({"upload-concat": "other;/uploads/x"})
