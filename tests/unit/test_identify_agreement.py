"""When declared type, extension and content agree."""

import io

import pytest

from shared.media_types import FAMILIES, kind_of
from shared.metadata import KINDS
from shared.policy import SNIFF_BYTES, Policy
from tests.unit import containers
from tests.unit.kinds import SAMPLES
from workers.examine.agreement import disagreement
from workers.examine.describe import describers
from workers.examine.examination import Claim
from workers.examine.identify import identify

OCTETS = "application/octet-stream"
DOCX = f"{containers.OFFICE}wordprocessingml.document"
DOCM = "application/vnd.ms-word.document.macroEnabled.12"
EXCEL = "application/vnd.ms-excel"

# Content, declared type, filename, and the type that is found; None where the claims do not hold.
TRIPLES = [
    ("mp4", "video/mp4", "a.mp4", "video/mp4"),
    ("mp4", "video/mp4", "a.mov", "video/mp4"),
    ("mov", "video/quicktime", "a.mp4", "video/quicktime"),
    ("mp4", "audio/mp4", "a.m4a", "video/mp4"),
    ("m4a", "audio/x-m4a", "a.m4a", "audio/mp4"),
    ("mp4", "image/heic", None, None),
    ("mp4", "video/webm", None, None),
    ("webm", None, "a.webm", "video/webm"),
    ("webm", None, "a.mkv", "video/webm"),
    ("mkv", None, "a.mp4", None),
    ("ogg", "audio/opus", "a.opus", "audio/ogg"),
    ("wav", "audio/x-wav", "a.wav", "audio/wav"),
    ("wav", None, "a.avi", None),
    ("png", "image/png", "a.PNG", "image/png"),
    ("png", None, "a.jpg", None),
    ("jpeg", "image/jpg", "a.jfif", "image/jpeg"),
    ("webp", None, "a.png", None),
    ("heic", "image/heif", "a.heic", "image/heic"),
    ("avif", "image/heif", "a.avif", "image/avif"),
    ("heic", "image/avif", None, None),
    ("heic", "video/mp4", None, None),
    ("svg", "image/svg+xml", "a.svg", "image/svg+xml"),
    ("svg", "application/xml", "a.xml", "image/svg+xml"),
    ("svg", "text/plain", "a.txt", "image/svg+xml"),
    ("svg", None, "a.png", None),
    ("html", "text/html", "a.html", "text/html"),
    ("html", None, "a.svg", None),
    ("html", "image/png", None, None),
    ("text", "image/svg+xml", None, None),
    ("pdf", "application/x-pdf", "a.pdf", "application/pdf"),
    ("pdf", "text/plain", None, None),
    ("text", None, "a.pdf", None),
    ("docx", DOCX, "a.docx", DOCX),
    ("docx", "application/zip", "a.zip", DOCX),
    ("zip", DOCX, None, None),
    ("zip", None, "a.docx", None),
    ("empty zip", None, "a.zip", "application/zip"),
    ("docm", None, "a.docm", DOCM),
    ("docm", None, "a.docx", None),
    ("docx", None, "a.docm", None),
    ("xlsx", None, "a.docx", None),
    ("encrypted", DOCX, "a.docx", "application/encrypted"),
    ("encrypted", None, "a.xlsm", "application/encrypted"),
    ("encrypted", None, "a.odt", None),
    ("odt", None, "a.odt", "application/vnd.oasis.opendocument.text"),
    ("odt", None, "a.ods", None),
    ("epub", "application/epub+zip", "a.epub", "application/epub+zip"),
    ("zip", None, "a.epub", None),
    ("doc", "application/msword", "a.doc", "application/msword"),
    ("doc", None, "a.xls", None),
    ("doc", "application/x-ole-storage", None, "application/msword"),
    ("msg", None, "a.msg", "application/vnd.ms-outlook"),
    ("zip", None, "a.whl", "application/zip"),
    ("jar", None, "a.jar", "application/java-archive"),
    ("jar", None, "a.apk", None),
    ("apk", "application/java-archive", "a.apk", "application/vnd.android.package-archive"),
    ("npz", "application/zip", "a.npz", "application/x-npz"),
    ("npy", None, "a.npz", None),
    ("tar", None, "a.tar", "application/x-tar"),
    ("tar", None, "a.tgz", None),
    ("parquet", None, "a.parquet", "application/vnd.apache.parquet"),
    ("arrow", None, "a.feather", "application/vnd.apache.arrow.file"),
    ("hdf5", OCTETS, "a.h5", "application/x-hdf5"),
    ("safetensors", None, "a.safetensors", "application/vnd.safetensors"),
    ("text", None, "a.parquet", None),
    ("mail", "message/rfc822", "a.eml", "message/rfc822"),
    ("mail", None, "a.txt", "message/rfc822"),
    ("text", None, "es.msg", "text/plain"),
    ("elf", None, "a.msg", None),
    ("text", None, "a.eml", "text/plain"),
    ("text", "application/json", "a.yaml", "text/plain"),
    ("text", None, "a.csv", "text/csv"),
    ("text", "text/csv", None, "text/csv"),
    ("text", EXCEL, "a.csv", "text/csv"),
    ("png", "text/csv", "a.csv", None),
    ("table", None, None, "text/csv"),
    ("table", None, "a.txt", "text/plain"),
    ("table", "text/plain", "a.csv", "text/csv"),
    ("tabs", OCTETS, None, "text/tab-separated-values"),
    ("tabs", None, "a.tsv", "text/tab-separated-values"),
    ("json", None, "a.txt", "application/json"),
    ("json", None, "a.csv", "application/json"),
    ("json", None, "a.jsonl", "application/x-ndjson"),
    ("lines", None, None, "application/x-ndjson"),
    ("lines", None, "a.json", "application/x-ndjson"),
    ("python", "text/x-python", "a.py", "text/x-python"),
    ("python", None, "a.jpg", None),
    ("elf", None, "a.mp4", None),
    ("elf", None, "program", "application/x-executable"),
]


@pytest.mark.parametrize(("content", "declared", "filename", "media_type"), TRIPLES)
def test_content_and_claims_agree_or_not(content, declared, filename, media_type):
    found = identify(io.BytesIO(SAMPLES[content]), Claim(declared_type=declared, filename=filename))
    contradiction = disagreement(found, declared, filename)
    assert (None if contradiction else found) == media_type


@pytest.mark.parametrize("content", SAMPLES.values(), ids=SAMPLES)
def test_the_front_desk_refuses_nothing_that_the_deeper_look_finds_admitted(content):
    found = identify(io.BytesIO(content))
    Policy(1 << 30, (found,)).check_head(content[:SNIFF_BYTES])


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
        ("application/encrypted", f"{containers.OFFICE}spreadsheetml.sheet", "a.xlsx"),
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
        ("application/zip", "archive"),
        (OCTETS, "other"),
    ],
)
def test_the_content_decides_on_the_kind(content, kind):
    assert kind_of(content) == kind
