"""Each command of `python -m operate`, on SQLite and PostgreSQL, with neither API nor Redis."""

import asyncio
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from operate.__main__ import main
from shared.adapters.disk_store import DiskStore
from shared.adapters.sql_catalog import SqlCatalog
from shared.digest import Hasher
from shared.events import DeliveryState
from shared.ids import new_id
from shared.ingest import Reason, State, Verdict
from shared.resumable import Resumable
from tests.contracts.conftest import SINKS
from tests.sample_ingests import LATER, NOON, SECOND, claimed, event_of, finished, received, settled

BODY = b"some bytes"
SHA256 = hashlib.sha256(BODY).hexdigest()
EXHAUSTED = Verdict((Reason.ATTEMPTS_EXHAUSTED,), "unavailable: away")


class Desk:
    """A catalog and a DATA_DIR that a test fills, and the command line on them."""

    def __init__(self, url, folder, capsys):
        self.url, self.folder, self.capsys = url, folder, capsys

    def fill(self, work):
        """Run the work with the catalog and the store, both closed again before any command runs."""

        async def run():
            store = DiskStore(self.folder)
            store.open()
            with closing(store):
                async with SqlCatalog.open(self.url, SINKS) as catalog:
                    return await work(catalog, store)

        return asyncio.run(run())

    def __call__(self, *words, code=0):
        """Run a command and return what it printed for people."""
        assert main(words) == code, self.capsys.readouterr().err
        return self.capsys.readouterr().out

    def records(self, *words, code=0):
        """Run a command and return what it printed for machines."""
        return [json.loads(line) for line in self(*words, "--json", code=code).splitlines()]

    def refusal(self, *words):
        """Run a command that cannot be done, and return the sentence that says why."""
        assert main(words) == 2
        printed = self.capsys.readouterr()
        assert printed.out == ""
        return printed.err


@pytest.fixture
def desk(sql_url, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "data"
    folder.mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")  # no .env of ours
    for name, value in {"DATA_DIR": folder, "DATABASE_URL": sql_url, "REDIS_URL": "redis://127.0.0.1:1/0"}.items():
        monkeypatch.setenv(name, str(value))
    return Desk(sql_url, folder, capsys)


async def kept(store, ingest_id, body=BODY):
    writer = await store.create(ingest_id, Hasher(), expected=None)
    await writer.write([body])
    await writer.commit()
    await writer.release()


async def ended(catalog, store, state, at=NOON, **changes):
    """Take an ingest with bytes its whole way; return it in its end."""
    first = received(at, size=len(BODY), sha256=SHA256)
    await kept(store, first.id)
    await catalog.record(first)
    second = claimed(first, at)
    await catalog.save(first, second)
    third = replace(settled(second, state, at), **changes)
    await catalog.save(second, third, event_of(third))
    return third


async def failed(catalog, store, at=NOON, **changes):
    return await ended(catalog, store, State.FAILED, at, **{"verdict": EXHAUSTED} | changes)


async def died(catalog):
    """Let all pending deliveries die."""
    for due in await catalog.due_deliveries(LATER, LATER + SECOND, 100):
        outcome = replace(due.delivery, state=DeliveryState.DEAD, attempts=12, last_error="The webhook answered 503.")
        await catalog.report(due, outcome)


def now_of(desk, ingest):
    return desk.fill(lambda catalog, store: catalog.get(ingest.id))


def test_list_prints_the_newest_first_and_filters(desk):
    async def work(catalog, store):
        return [await failed(catalog, store, NOON + n * SECOND, filename=f"{n}.mp4") for n in range(3)]

    first, second, third = desk.fill(work)
    assert [each["id"] for each in desk.records("list")] == [third.id, second.id, first.id]
    assert [each["id"] for each in desk.records("list", "--limit", "1")] == [third.id]
    assert [each["id"] for each in desk.records("list", "--state", "failed", "--filename", "1.mp4")] == [second.id]
    assert desk.records("list", "--state", "received") == []
    at = f"{second.created_at:%Y-%m-%dT%H:%M:%S}"
    assert [each["id"] for each in desk.records("list", "--since", at, "--reason", "attempts_exhausted")] == [
        third.id,
        second.id,
    ]
    head, *rows = desk("list").splitlines()
    assert head.split() == ["ID", "STATE", "SIZE", "FILENAME", "WAITING"]
    assert rows[0].split() == [third.id, "failed", str(len(BODY)), "2.mp4", "-"]


def test_a_name_with_control_characters_cannot_command_the_terminal(desk):
    desk.fill(lambda catalog, store: failed(catalog, store, original_filename="\x1b[2J\n"))
    (ingest,) = desk.records("list")
    shown = desk("show", ingest["id"])
    assert "\x1b" not in shown
    assert re.search(r"^original_filename +\ufffd\[2J\ufffd$", shown, re.MULTILINE)


def test_show_tells_all_of_one_and_what_each_sink_has_said(desk):
    async def work(catalog, store):
        ingest = await ended(catalog, store, State.COMPLETED)
        await died(catalog)
        return ingest

    ingest = desk.fill(work)
    (full,) = desk.records("show", ingest.id)
    assert [move["after"] for move in full["history"]] == ["receiving", "received", "processing", "completed"]
    assert {(each["sink"], each["state"]) for each in full["deliveries"]} == {(sink, "dead") for sink in SINKS}
    for sink in SINKS:
        assert f"Perception ({sink}): The webhook answered 503; dead after 12 attempts" in full["waiting"]
    shown = desk("show", ingest.id)
    assert "history:" in shown
    assert "deliveries:" in shown


def test_replay_drives_one_again_without_redis(desk):
    ingest = desk.fill(failed)
    assert desk.records("replay", ingest.id) == [{"id": ingest.id, "state": "received"}]
    again = now_of(desk, ingest)
    assert (again.state, again.attempts, again.verdict, again.priority) == (State.RECEIVED, 0, Verdict(), 0)
    assert "nothing to replay" in desk.refusal("replay", ingest.id)


def test_replay_drives_many_again_by_filter(desk):
    async def work(catalog, store):
        lost = Verdict((Reason.STORED_BYTES_MISSING,))
        return [
            await failed(catalog, store),
            await failed(catalog, store, NOON + SECOND, verdict=lost),
            await ended(catalog, store, State.COMPLETED),
        ]

    ours, other, _ = desk.fill(work)
    by_reason = ("replay", "--state", "failed", "--reason", "attempts_exhausted")
    assert desk.records(*by_reason, "--dry-run") == [{"id": ours.id}]
    assert now_of(desk, ours).state is State.FAILED
    assert desk(*by_reason).splitlines() == [ours.id, "1 replayed."]
    assert desk.records(*by_reason) == []
    assert desk.records("replay", "--state", "failed", "--until", "1d") == [{"id": other.id}]


def test_replay_goes_on_page_by_page_up_to_its_limit(desk, monkeypatch):
    async def work(catalog, store):
        return [(await failed(catalog, store, NOON + n * SECOND)).id for n in range(7)]

    ids = desk.fill(work)[::-1]
    monkeypatch.setattr("operate.driving.MAX_AT_ONCE", 2)
    assert [each["id"] for each in desk.records("replay", "--state", "failed", "--limit", "5")] == ids[:5]
    assert [each["id"] for each in desk.records("replay", "--state", "failed")] == ids[5:]


def test_release_lets_one_pass_and_says_who_did_it(desk):
    rejected = {"verdict": Verdict((Reason.POLYGLOT,)), "quarantined_until": LATER}
    ingest = desk.fill(lambda catalog, store: ended(catalog, store, State.REJECTED, **rejected))
    assert [each["id"] for each in desk.records("list", "--quarantined")] == [ingest.id]
    assert desk.records("release", ingest.id) == [{"id": ingest.id, "state": "received"}]
    (full,) = desk.records("show", ingest.id)
    assert full["overridden"] == ["polyglot"]
    assert full["history"][-1]["detail"] == f"command-line:{os.getuid()} released it in spite of polyglot"
    assert "nothing to release" in desk.refusal("release", ingest.id)


def test_delete_removes_the_bytes_and_keeps_the_tombstone(desk):
    ingest = desk.fill(failed)
    for _ in range(2):
        assert desk.records("delete", ingest.id) == [{"id": ingest.id, "state": "deleted"}]
    assert now_of(desk, ingest).state is State.DELETED
    assert [path for path in (desk.folder / "objects").rglob("*") if path.is_file()] == []


def test_uploads_tells_how_far_each_is_and_when_it_expires(desk):
    async def work(catalog, store):
        unknown = {"state": State.RECEIVING, "size": None, "sha256": None, "due_at": None}
        begun, lost = [received(NOON + n * SECOND, filename=f"{n}.mp4", **unknown) for n in range(2)]
        await catalog.record(begun, resumable=Resumable(begun.id, LATER, 2000))
        await catalog.record(lost, resumable=Resumable(lost.id, LATER))
        appender = await store.begin(begun.id, length=2000)
        await appender.write([BODY])
        await appender.keep()
        await appender.release()
        await ended(catalog, store, State.COMPLETED)
        return begun, lost

    begun, lost = desk.fill(work)
    until = "2026-11-22T12:01:00Z"
    assert desk.records("uploads") == [
        {"id": lost.id, "filename": "1.mp4", "offset": None, "length": None, "expires_at": until},
        {"id": begun.id, "filename": "0.mp4", "offset": len(BODY), "length": 2000, "expires_at": until},
    ]
    assert [each["id"] for each in desk.records("uploads", "--limit", "1")] == [lost.id]
    head, first, _ = desk("uploads").splitlines()
    assert head.split() == ["ID", "OFFSET", "LENGTH", "EXPIRES_AT", "FILENAME"]
    assert first.split() == [lost.id, "-", "-", until, "1.mp4"]
    (check,) = desk.records("check")
    assert check["wrong"] == 0


def test_deliveries_are_listed_and_driven_again(desk):
    async def work(catalog, store):
        dead = [(await finished(catalog, at=NOON + n * SECOND))[0].id for n in range(2)]
        await died(catalog)
        return dead, (await finished(catalog))[0].id

    dead, pending = desk.fill(work)
    listed = desk.records("deliveries", "--dead", "--sink", SINKS[1])
    assert [each["ingest_id"] for each in listed] == dead
    assert {each["ingest_id"] for each in desk.records("deliveries", "--pending")} == {pending}
    assert "The webhook answered 503." in desk("deliveries", "--limit", "1").splitlines()[1]
    assert desk.records("redeliver", "--sink", SINKS[1], "--until", f"{NOON:%Y-%m-%dT%H:%M:%S.5Z}") == [{"replayed": 1}]
    assert desk.records("redeliver") == [{"replayed": 3}]
    assert desk.records("deliveries") == []


def make_old(folder, ingest_id):
    (path,) = folder.rglob(ingest_id)
    hours_ago = time.time() - 7200
    os.utime(path, (hours_ago, hours_ago))
    return path


def test_check_finds_nothing_where_all_is_well(desk):
    async def work(catalog, store):
        rejected = {"verdict": Verdict((Reason.POLYGLOT,)), "quarantined_until": LATER}
        away = await ended(catalog, store, State.REJECTED, **rejected)
        await store.put_away(away.id)
        await catalog.record(received(state=State.ABORTED, due_at=None))
        return [away, await ended(catalog, store, State.COMPLETED), await failed(catalog, store)]

    for ingest in desk.fill(work):
        make_old(desk.folder, ingest.id)
    told = {"rows": 3, "bytes": 3 * len(BODY), "objects": 3, "wrong": 0}
    assert desk.records("check") == [told | {"digests": False}]
    assert desk.records("check", "--digests") == [told | {"digests": True}]


def test_check_names_what_is_missing_cut_changed_or_without_a_row(desk):
    async def work(catalog, store):
        ingests = [await ended(catalog, store, State.COMPLETED, NOON + n * SECOND) for n in range(4)]
        fresh, orphan = new_id(), new_id()
        for ingest_id in (fresh, orphan):
            await kept(store, ingest_id)
        return [ingest.id for ingest in ingests], orphan

    (good, missing, cut, changed), orphan = desk.fill(work)
    make_old(desk.folder, missing).unlink()
    make_old(desk.folder, cut).write_bytes(BODY[:-1])
    make_old(desk.folder, changed).write_bytes(BODY[::-1])
    make_old(desk.folder, orphan)
    by_size = desk.records("check", code=1)
    assert {each["id"]: each["fault"] for each in by_size[:-1]} == {
        missing: "missing", cut: "wrong_size", orphan: "no_row"
    }  # fmt: skip
    assert (by_size[-1]["rows"], by_size[-1]["wrong"]) == (4, 3)
    *found, summary = desk.records("check", "--digests", code=1)
    assert {each["id"] for each in found} == {missing, cut, changed, orphan}
    assert summary["wrong"] == 4
    assert good not in desk("check", "--digests", code=1)


def test_status_tells_what_waits_and_that_redis_is_away(desk):
    async def work(catalog, store):
        await catalog.record(received())
        await failed(catalog, store)
        await died(catalog)

    desk.fill(work)
    (told,) = desk.records("status")
    assert (told["ingests.received"], told["ingests.failed"]) == (1, 1)
    assert told[f"deliveries.{SINKS[0]}.dead"] == 1
    assert told["oldest_waiting_at"].startswith("2026-11-22")
    assert told["redis"] == "The task queue does not answer."
    assert 0 < told["free_bytes"] < told["total_bytes"]
    assert re.search(r"^ingests\.received +1$", desk("status"), re.MULTILINE)


@pytest.mark.parametrize("words", [["show", "nonsense"], ["show", new_id()], ["replay", new_id()], ["delete", "../x"]])
def test_what_is_not_there_is_said_in_a_sentence(desk, words):
    assert desk.refusal(*words) == "Not found.\n"


def test_replay_wants_either_one_or_many_and_only_many_dry(desk):
    ingest = desk.fill(failed)
    for words in ([], ["--dry-run"], [ingest.id, "--state", "failed"], [ingest.id, "--dry-run"]):
        assert "Say either an id" in desk.refusal("replay", *words)
    assert now_of(desk, ingest).state is State.FAILED


def test_a_wrong_setting_is_said_in_a_sentence(desk, monkeypatch):
    monkeypatch.setenv("MAX_ATTEMPTS", "0")
    assert desk.refusal("status").startswith("MAX_ATTEMPTS=0: ")
    monkeypatch.delenv("MAX_ATTEMPTS")
    monkeypatch.setenv("PERCEPTION_SINKS", "nonsense:x")
    assert "'nonsense:' names no sink" in desk.refusal("status")
    monkeypatch.setenv("DATA_DIR", "not-there")
    assert desk.refusal("status") == "DATA_DIR=not-there is no folder.\n"
    assert not Path("not-there").exists()


def run(url, folder, *words):
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "DATABASE_URL": url}
    command = [sys.executable, "-m", "operate", *words]
    where = {"env": env, "cwd": Path(__file__).parents[2], "timeout": 60}
    return subprocess.run(command, check=False, capture_output=True, text=True, **where)


def test_a_catalog_without_a_schema_or_that_is_away_is_said_without_a_stack_trace(new_sqlite_url, tmp_path):
    Path(new_sqlite_url.removeprefix("sqlite+aiosqlite:///")).parent.mkdir()
    new = run(new_sqlite_url, tmp_path, "list")
    assert (new.returncode, new.stdout) == (2, "")
    assert new.stderr == "The catalog has no or another schema: run the migrations.\n"
    away = run("postgresql://nobody@127.0.0.1:1/none", tmp_path, "list")
    assert (away.returncode, away.stdout, away.stderr) == (2, "", "The catalog does not answer.\n")


def test_a_reader_that_has_read_enough_is_no_error(migrated_file, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(migrated_file, folder)
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder)}
    command = f"{sys.executable} -m operate list | true; echo ${{PIPESTATUS[0]}}"
    where = {"env": env, "cwd": Path(__file__).parents[2], "timeout": 60}
    piped = subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True, **where)
    assert (piped.stdout, piped.stderr) == ("0\n", "")


def test_a_word_that_is_none_is_refused_with_the_usage(sqlite_url, tmp_path):
    for words in (["explode"], ["list", "--since", "yesterday"], ["list", "--limit", "0"]):
        answer = run(sqlite_url, tmp_path, *words)
        assert answer.returncode == 2
        assert answer.stderr.startswith("usage: python -m operate")
        assert "Traceback" not in answer.stderr
