"""The policy: sets by name, patterns, and what first bytes may still become."""

from fnmatch import fnmatchcase

import pytest

from shared.errors import MediaTypeNotAllowed
from shared.media_types import FAMILIES, SETS
from shared.policy import Policy

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ZIP, ELF, PDF, PNG = b"PK\x03\x04" + bytes(60), b"\x7fELF" + bytes(60), b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n"


def policy(*allowed):
    return Policy.of(1000, allowed)


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("media", ["video/mp4", "audio/flac", "image/heic", "application/ogg"], ["text/plain", "application/pdf"]),
        ("documents", ["application/pdf", DOCX, "text/markdown", "message/rfc822"], ["application/zip", "image/png"]),
        ("archives", ["application/zip", "application/gzip", "application/x-tar"], [DOCX, "application/pdf"]),
        ("data", ["application/json", "text/csv", "application/x-hdf5"], ["text/plain", "video/mp4"]),
        ("all", ["video/mp4", "application/x-executable"], []),
    ],
)
def test_a_set_admits_its_types_and_no_others(name, inside, outside):
    assert [t for t in inside if not policy(name).admits(t)] == []
    assert [t for t in outside if policy(name).admits(t)] == []


def test_sets_and_patterns_add_up():
    both = policy("media", "application/pdf")
    assert both.admits("image/png")
    assert both.admits("application/pdf")
    assert not both.admits("application/zip")


@pytest.mark.parametrize("name", ["pictures", "Media", "pdf", "*"])
def test_a_name_that_is_neither_set_nor_pattern_is_refused_at_the_start(name):
    with pytest.raises(ValueError, match=r"is no set; use media, documents"):
        policy("media", name)


def test_a_docx_passes_the_front_desk_where_documents_are_admitted_because_it_starts_as_a_zip():
    policy("documents").check_head(ZIP)
    with pytest.raises(MediaTypeNotAllowed):
        policy("media").check_head(ZIP)


@pytest.mark.parametrize(("name", "head"), [("media", PDF), ("documents", PNG), ("data", ELF), ("archives", PDF)])
def test_first_bytes_of_no_admitted_type_are_refused(name, head):
    with pytest.raises(MediaTypeNotAllowed):
        policy(name).check_head(head)


def test_an_avif_passes_where_only_images_are_admitted_because_it_starts_as_an_mp4():
    policy("image/*").check_head(b"\0\0\0\x1cftypavif" + bytes(20))


def test_every_family_of_pictures_and_sound_is_in_the_set_of_media():
    missing = {
        media_type
        for family in FAMILIES
        if family.kind in {"video", "audio", "image"}
        for media_type in family.media_types
        if not any(fnmatchcase(media_type, pattern) for pattern in SETS["media"])
    }
    assert missing == set()
