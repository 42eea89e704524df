"""The policy: sets by name, patterns, and what first bytes may still become."""

from fnmatch import fnmatchcase

import pytest

from shared.errors import MediaTypeNotAllowed
from shared.findings import Danger, Finding
from shared.ingest import Reason
from shared.media_sets import SETS
from shared.media_types import FAMILIES
from shared.policy import Policy, Sent
from shared.signatures import sniff

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


EXECUTABLE = Finding(danger=Danger.EXECUTABLE, detail="a program")
SHEBANG = Finding(danger=Danger.SCRIPT, detail="a script")
ACTIVE = Finding(danger=Danger.ACTIVE_CONTENT, detail="it acts")
POLYGLOT = Finding(danger=Danger.POLYGLOT, detail="two formats")
TRAILER = Finding(danger=Danger.TRAILER, detail="a clip follows")
PE, PYTHON = "application/vnd.microsoft.portable-executable", "text/x-python"


def reason(allowed, finding, media_type, declared_type=None, filename=None):
    return policy(*allowed).judge(Sent(media_type, declared_type, filename), [finding]).reason


@pytest.mark.parametrize(
    ("allowed", "media_type", "expected"),
    [
        (["all"], PE, Reason.EXECUTABLE),
        (["application/*"], PE, Reason.EXECUTABLE),
        (["application/vnd.microsoft.*"], PE, Reason.EXECUTABLE),
        (["all", "application/wasm"], PE, Reason.EXECUTABLE),
        (["all", PE], PE, None),
        (["application/x-msdownload"], PE, None),
        (["application/x-elf"], "application/x-executable", None),
        ([*SETS], "application/x-executable", Reason.EXECUTABLE),
    ],
)
def test_a_program_is_refused_unless_its_type_is_written_out(allowed, media_type, expected):
    assert reason(allowed, EXECUTABLE, media_type) is expected


def test_no_set_writes_out_a_program():
    programs = {media_type for family in FAMILIES if family.runs for media_type in family.media_types}
    assert programs.isdisjoint(pattern for patterns in SETS.values() for pattern in patterns)


@pytest.mark.parametrize(
    ("declared_type", "filename", "expected"),
    [
        ("text/x-python", None, None),
        ("TEXT/X-Python; charset=utf-8", "tool", None),
        ("application/octet-stream", "tool.py", None),
        (None, "run.sh", None),
        ("text/csv", "data.csv", Reason.SCRIPT),
        ("text/plain", "notes.txt", Reason.SCRIPT),
        (None, "configure", Reason.SCRIPT),
        (None, None, Reason.SCRIPT),
    ],
)
def test_a_script_is_refused_unless_the_sender_calls_it_one(declared_type, filename, expected):
    assert reason(["all"], SHEBANG, PYTHON, declared_type, filename) is expected


def test_a_script_passes_where_the_policy_writes_out_its_type():
    assert reason(["text/x-shellscript"], SHEBANG, PYTHON) is None
    assert reason(["text/*"], SHEBANG, PYTHON) is Reason.SCRIPT


def test_a_drawing_may_not_act_and_a_page_may():
    assert reason(["all", "image/svg+xml"], ACTIVE, "image/svg+xml", "text/xml", "a.xml") is Reason.ACTIVE_CONTENT
    page = policy("all").judge(Sent("text/html"), [ACTIVE])
    assert (page.reason, page.warnings) == (None, ("it acts",))


def test_a_polyglot_is_rejected_or_flagged():
    sent = Sent("image/png")
    rejecting = Policy.of(1, ("all",)).judge(sent, [POLYGLOT])
    flagging = Policy.of(1, ("all",), "flag").judge(sent, [POLYGLOT])
    assert (rejecting.reason, rejecting.detail, rejecting.warnings) == (Reason.POLYGLOT, "two formats", ())
    assert (flagging.reason, flagging.detail, flagging.warnings) == (None, None, ("two formats",))


def test_what_follows_a_picture_only_warns():
    assert policy("all").judge(Sent("image/jpeg"), [TRAILER]).warnings == ("a clip follows",)


def test_the_first_danger_is_the_reason_and_the_rest_are_warnings():
    judged = policy("all").judge(Sent(PE), [EXECUTABLE, POLYGLOT])
    assert (judged.reason, judged.warnings) == (Reason.EXECUTABLE, ("two formats",))


def test_the_front_desk_takes_a_program_where_everything_is_admitted_so_that_it_is_rejected_with_its_reason():
    policy("all").check_head(ELF)
    with pytest.raises(MediaTypeNotAllowed, match="application/x-executable"):
        policy("media").check_head(ELF)


def test_a_pattern_knows_no_case():
    assert policy("application/vnd.ms-word.document.macroenabled.12").admits(
        "application/vnd.ms-word.document.macroEnabled.12"
    )
    assert policy("documents").admits("application/vnd.ms-excel.sheet.macroEnabled.12")


@pytest.mark.parametrize("text", [b"MZ is a zone", b"ID3 is a tag", b"xyz ftyp", b"BZh", b"RIFF in words: WAVE"])
def test_words_are_no_signature(text):
    assert sniff(text) is None
