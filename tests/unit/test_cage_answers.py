"""Whatever a child answers, taken over or not, nothing unclean and nothing unbounded comes out of the cage."""

import json
import logging
from pathlib import Path
from typing import Annotated, Any

import pytest
from annotated_types import MaxLen
from prometheus_client import REGISTRY
from pydantic import BaseModel, BeforeValidator

from shared.ingest import Reason
from shared.metadata.fields import MAX_TEXT_BYTES, clean
from tests.unit.answer_types import unsafe
from tests.unit.samples import image
from tests.unit.test_cage import WORKS
from workers.cage.cage import Cage
from workers.cage.protocol import CageLimits
from workers.examine.examination import MAX_WARNINGS, Claim, Examination, Examine, MakePreview

DICTATED = Examine(claim=Claim(filename="dictate"))
NASTY = "a\x00b\x1b[31mc\r\nd\u202ee\u2066f\u200bg\ufeffh\u0085i"
"""Controls, an escape sequence, line ends, marks that turn the direction of reading, letters without width."""
CLEAN = "ab[31mcdefghi"
PREVIEW = MakePreview(media_type="image/png", kind="image")


async def answered(path: Path, answer: bytes) -> Examination:
    path.write_bytes(answer)
    async with Cage(work=WORKS) as cage:
        return await cage.examine(path, DICTATED)


async def test_every_string_of_an_answer_is_cleaned_again(tmp_path: Path):
    told = {
        "media_type": "video/mp4\x00",
        "kind": NASTY,
        "detail": NASTY * 1000,
        "warnings": [NASTY],
        "seconds": {NASTY: 1.5},
        "metadata": {"kind": "video", "container": NASTY, "streams": [{"index": 0, "type": NASTY, "language": NASTY}]},
    }
    found = await answered(tmp_path / "file", json.dumps(told).encode())
    assert (found.media_type, found.kind, found.warnings, found.seconds) == ("video/mp4", CLEAN, (CLEAN,), {CLEAN: 1.5})
    assert (found.metadata.container, found.metadata.streams[0].language) == (CLEAN, CLEAN)
    assert len(found.detail) <= MAX_TEXT_BYTES
    assert set(found.detail) == set(CLEAN)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"media_type": "text/html; charset=utf-8"}',
        '{"media_type": "t\u00e9xt/plain"}'.encode(),
        b'{"detail": "\\ud800"}',
        b'{"reason": "no such reason"}',
        b'{"owner": "an unknown field"}',
        b'{"seconds": {"identify": NaN}}',
        b'{"seconds": {"identify": -1}}',
        b'{"metadata": {"kind": "no such kind"}}',
        b'{"metadata": {"kind": "video", "width": 9007199254740992}}',
        b'{"metadata": {"kind": "video", "width": ' + b"9" * 100_000 + b"}}",
        b'{"metadata": {"kind": "video", "duration_seconds": 1e999}}',
        b'{"warnings": [' + b'"w",' * 64 + b'"w"]}',
        b"[" * 100_000,
        b'{"metadata": ' + b'{"a":' * 50_000,
    ],
)
async def test_an_answer_that_is_not_of_its_schema_is_misbehaviour(tmp_path: Path, answer):
    found = await answered(tmp_path / "file", answer)
    assert found == Examination(reason=Reason.PARSER_MISBEHAVED, detail="The answer is not of its schema.")


async def test_operators_read_a_bounded_and_clean_fault(tmp_path: Path, caplog):
    path = tmp_path / "file"
    path.write_bytes(b"\x1b[2J\n" + b"x" * 100_000 + b"\xff")
    async with Cage(work=WORKS) as cage:
        found = await cage.examine(path, Examine(claim=Claim(filename="fail_loudly")))
    (record,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert found.reason is Reason.PARSER_CRASHED
    assert record.fault == "[2J" + "x" * (MAX_TEXT_BYTES - len("\x1b[2J\n"))


@pytest.mark.parametrize(
    "answer", [b"<svg onload='alert(1)'/>", b"RIFF\x04\0\0\0WAVE", b"RIFF\x05\0\0\0WEBP", b"RIFF", image("PNG")]
)
async def test_no_preview_is_anything_but_a_webp(tmp_path: Path, answer):
    path = tmp_path / "file"
    path.write_bytes(answer)
    async with Cage(work=WORKS) as cage:
        assert await cage.preview(path, PREVIEW) == b""


async def test_a_webp_is_a_preview(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(image("WEBP"))
    async with Cage(work=WORKS) as cage:
        assert await cage.preview(path, PREVIEW) == image("WEBP")


async def test_ends_are_counted_by_question_and_outcome(tmp_path: Path):
    before = counted()
    await answered(tmp_path / "file", b"{}")
    async with Cage(work=WORKS) as cage:
        await cage.examine(tmp_path / "file", Examine(claim=Claim(filename="fail_loudly")))
        await cage.preview(tmp_path / "file", PREVIEW)
    now = counted()
    assert {ends: now[ends] - before[ends] for ends in now} == {
        "hmas_cage_ends_total examine ok": 1,
        "hmas_cage_ends_total examine crashed": 1,
        "hmas_cage_ends_total preview ok": 1,
        "hmas_cage_seconds_count examine": 2,
        "hmas_cage_peak_bytes_count preview": 1,
    }


def counted() -> dict[str, float]:
    """Return the counters that the test above moves."""
    names = [
        ("hmas_cage_ends_total", {"question": "examine", "outcome": "ok"}),
        ("hmas_cage_ends_total", {"question": "examine", "outcome": "crashed"}),
        ("hmas_cage_ends_total", {"question": "preview", "outcome": "ok"}),
        ("hmas_cage_seconds_count", {"question": "examine"}),
        ("hmas_cage_peak_bytes_count", {"question": "preview"}),
    ]
    return {f"{name} {' '.join(of.values())}": REGISTRY.get_sample_value(name, of) or 0 for name, of in names}


def test_every_string_that_an_answer_may_hold_is_cleaned_and_every_list_is_bounded():
    assert list(unsafe(Examination)) == []


def test_what_is_unsafe_is_seen():
    class Careless(BaseModel):
        name: str
        names: tuple[Annotated[str, BeforeValidator(clean)], ...]
        facts: Annotated[dict[str, Any] | None, MaxLen(3)]

    assert list(unsafe(Careless)) == [".name", ".names has no bound", ".facts", ".facts"]


TOLD = Examination(media_type="application/pdf", kind="pdf", warnings=("one",))


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("segfault", Reason.PARSER_CRASHED),
        ("open", Reason.PARSER_CRASHED),
        ("allocate", Reason.PARSER_MEMORY),
        ("loop", Reason.PARSER_TIMEOUT),
    ],
)
async def test_what_was_told_before_a_closer_look_holds_where_that_ends_the_child(tmp_path: Path, caplog, end, reason):
    (tmp_path / "file").write_bytes(TOLD.model_dump_json().encode())
    async with Cage(CageLimits(cpu_seconds=1), work=WORKS) as cage:
        found = await cage.examine(tmp_path / "file", Examine(claim=Claim(filename=f"tell_and_{end}")))
    assert found == TOLD.model_copy(update={"warnings": ("one", f"a closer look at it was ended: {reason}")})
    (record,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "media_type" not in record.fault


async def test_a_warning_has_room_for_the_end_of_a_closer_look(tmp_path: Path):
    told = TOLD.model_copy(update={"warnings": ("one",) * MAX_WARNINGS})
    (tmp_path / "file").write_bytes(told.model_dump_json().encode())
    async with Cage(work=WORKS) as cage:
        found = await cage.examine(tmp_path / "file", Examine(claim=Claim(filename="tell_and_segfault")))
    assert len(found.warnings) == MAX_WARNINGS
    assert found.warnings[-1] == "a closer look at it was ended: parser_crashed"


@pytest.mark.parametrize("told", [b"", b"garbage", b'{"reason": "no such reason"}'])
@pytest.mark.parametrize(
    ("end", "reason"), [("segfault", Reason.PARSER_CRASHED), ("environment", Reason.PARSER_MISBEHAVED)]
)
async def test_garbage_told_before_a_closer_look_never_holds(tmp_path: Path, told, end, reason):
    (tmp_path / "file").write_bytes(told)
    async with Cage(work=WORKS) as cage:
        found = await cage.examine(tmp_path / "file", Examine(claim=Claim(filename=f"tell_and_{end}")))
    assert (found.reason, found.metadata) == (reason, None)


@pytest.mark.parametrize(("end", "told"), [("talk", "overlong"), ("mumble", "schema")])
async def test_misbehaviour_in_a_closer_look_stays_misbehaviour(tmp_path: Path, end, told):
    (tmp_path / "file").write_bytes(TOLD.model_dump_json().encode())
    async with Cage(work=WORKS) as cage:
        found = await cage.examine(tmp_path / "file", Examine(claim=Claim(filename=f"tell_and_{end}")))
    assert (found.reason, found.metadata) == (Reason.PARSER_MISBEHAVED, None)
    assert told in found.detail


async def test_the_answer_after_a_closer_look_takes_the_place_of_the_one_before(tmp_path: Path):
    (tmp_path / "file").write_bytes(TOLD.model_dump_json().encode())
    async with Cage(work=WORKS) as cage:
        found = await cage.examine(tmp_path / "file", Examine(claim=Claim(filename="tell_and_environment")))
    assert found == Examination(detail="{}")
