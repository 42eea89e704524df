"""The checker takes sound evidence, and names each single thing that is wrong."""

import os
import sqlite3
import subprocess

import pytest

from tests.faults.checker import DOUBLES, LOSSES, OTHERS, Figures, check, figures
from tests.faults.corruptions import CORRUPTIONS, add_move, drop, one
from tests.faults.evidence import TABLES, gather, lines
from tests.faults.laws import leftovers
from tests.faults.laws.index import Index
from tests.faults.small_world import attempt, file, sound


def test_sound_evidence_breaks_no_law():
    assert check(sound()) == []


def test_the_figures_are_those_of_the_evidence():
    assert figures(sound()) == Figures(accepted=8, refused=3, lost=0, doubled=0, p50=2.0, p99=4.0, worst=4.0)


def test_what_is_lost_and_what_is_doubled_is_counted():
    evidence = sound()
    drop(evidence.files, path="20261124/13/text")
    add_move(evidence, "text", "processing", "completed")
    assert (figures(evidence).lost, figures(evidence).doubled) == (1, 1)


def test_presence_files_may_be_allowed():
    evidence = sound()
    evidence.files.append(file("workers", "slot", b""))
    assert check(evidence, presence_may_stay=True) == []
    assert check(evidence) == ["workers/slot: a worker slot is gone and its file is not"]


def test_an_answer_that_was_lost_may_have_left_nothing():
    evidence = sound()
    evidence.attempts.append(attempt("never arrived", None, error="ConnectError"))
    assert check(evidence) == []


def test_a_503_that_says_that_the_outcome_is_unknown_may_have_left_the_ingest():
    evidence = sound()
    refused = one(evidence.attempts, upload="unanswered")
    refused |= {"status": 503, "error": None, "problem": {"code": "outcome_unknown"}}
    assert check(evidence) == []


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_each_single_corruption_is_named(name):
    corrupt, sentence = CORRUPTIONS[name]
    evidence = sound()
    corrupt(evidence)
    assert sentence in check(evidence)


def test_a_line_that_was_cut_off_is_no_evidence(tmp_path):
    log = tmp_path / "senders.jsonl"
    log.write_text('{"upload": 1}\n{"upl')
    assert lines(log) == [{"upload": 1}]


@pytest.mark.parametrize("law", [*LOSSES, *DOUBLES, *OTHERS, leftovers.no_presence], ids=lambda law: law.__name__)
def test_each_law_is_broken_by_some_corruption(law):
    broken = []
    for corrupt, _ in CORRUPTIONS.values():
        evidence = sound()
        corrupt(evidence)
        broken += law(Index(evidence))
    assert broken


def test_the_files_of_a_store_are_gathered_with_their_digests(tmp_path):
    sqlite3.connect(tmp_path / "catalog.db").executescript(";".join(f"CREATE TABLE {table} (id)" for table in TABLES))
    folder = tmp_path / "objects" / "20261124" / "13"
    folder.mkdir(parents=True)
    (folder / "picture").write_bytes(b"picture")
    assert gather(tmp_path, tmp_path).files == [file("objects", "picture", b"picture")]


def test_a_process_that_works_on_the_folder_is_leaked(tmp_path):
    sqlite3.connect(tmp_path / "catalog.db").executescript(";".join(f"CREATE TABLE {table} (id)" for table in TABLES))
    with subprocess.Popen(["sleep", "60"], env={"DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}) as process:
        try:
            assert gather(tmp_path, tmp_path).leaked == [{"pid": process.pid, "command": "sleep 60"}]
        finally:
            process.kill()


def test_a_missing_catalog_is_no_sound_evidence(tmp_path):
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        gather(tmp_path, tmp_path)
