"""When declared type, extension and content agree."""

import pytest

from shared.media_types import FAMILIES, kind_of
from shared.metadata import KINDS
from workers.examine.agreement import disagreement
from workers.examine.describe import describers

OCTETS = "application/octet-stream"


@pytest.mark.parametrize(
    ("content", "declared", "filename"),
    [
        ("video/mp4", None, None),
        ("video/mp4", OCTETS, "clip"),
        ("video/mp4", "video/mp4", "clip.mp4"),
        ("video/mp4", "VIDEO/MP4; codecs=avc1", "CLIP.MP4"),
        ("video/mp4", "audio/mp4", "sound.m4a"),
        ("video/quicktime", "video/mp4", "clip.mp4"),
        ("video/webm", "audio/webm;codecs=opus", "voice.weba"),
        ("video/mp2t", None, "stream.ts"),
        ("text/plain", None, "module.ts"),
        ("text/csv", "text/plain; charset=utf-8", "prose.txt"),
        ("text/plain", "application/json", "data.json"),
        ("text/x-script.python", "text/markdown", "readme.md"),
        ("text/plain", "application/vnd.api+json", None),
        ("image/svg+xml", "image/svg+xml", "drawing.svg"),
        ("application/zip", f"{'application/vnd.openxmlformats-officedocument.'}wordprocessingml.document", "a.docx"),
        ("application/encrypted", f"{'application/vnd.openxmlformats-officedocument.'}spreadsheetml.sheet", "a.xlsx"),
        ("text/csv", "application/vnd.ms-excel", "a.csv"),
        ("text/rtf", "application/msword", "a.doc"),
        ("text/plain", "message/rfc822", "a.eml"),
        ("message/rfc822", "text/plain", "a.eml"),
        ("application/x-unheard-of", "application/x-other", "a.strange"),
        (OCTETS, "text/plain", "rare-encoding.txt"),
        (OCTETS, "application/x-model", "weights.bin"),
        ("application/x-sharedlib", None, "program"),
    ],
)
def test_these_agree(content, declared, filename):
    assert disagreement(content, declared, filename) is None


@pytest.mark.parametrize(
    ("content", "declared", "filename"),
    [
        ("application/x-sharedlib", None, "clip.mp4"),
        ("application/x-sharedlib", "video/mp4", None),
        ("application/x-dosexec", "text/plain", "notes.txt"),
        ("text/html", None, "photo.jpg"),
        ("text/plain", "video/mp4", "playlist.mp4"),
        (OCTETS, None, "a.png"),
        (OCTETS, "image/png", None),
        ("application/x-unheard-of", None, "clip.webm"),
        ("image/png", "image/png", "photo.jpg"),
        ("image/png", "image/jpeg", "photo.png"),
        ("image/png", None, "notes.txt"),
        ("image/svg+xml", None, "drawing.png"),
        ("application/zip", "application/pdf", None),
    ],
)
def test_these_disagree(content, declared, filename):
    assert content in disagreement(content, declared, filename)


def test_every_kind_of_the_table_has_a_describer():
    assert {family.kind for family in FAMILIES} == describers().keys() == set(KINDS)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("video/mp4", "video"),
        ("audio/mpeg", "audio"),
        ("image/png", "image"),
        ("image/svg+xml", "text"),
        ("text/x-anything", "text"),
        ("application/pdf", "pdf"),
        ("application/epub+zip", "office"),
        ("application/msword", "office"),
        ("message/rfc822", "email"),
        ("text/csv", "table"),
        ("application/x-ndjson", "table"),
        ("application/geo+json", "json"),
        ("application/vnd.api+json", "json"),
        ("application/x-npz", "arrays"),
        ("application/zip", "other"),
        (OCTETS, "other"),
    ],
)
def test_the_content_decides_on_the_kind(content, kind):
    assert kind_of(content) == kind
