"""The promises of Presence, kept by every adapter; on the disk with real processes that are really killed."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.adapters.disk_presence import DiskPresence
from shared.adapters.memory_presence import MemoryPresence
from shared.ids import new_id
from shared.ports import Presence

ROOT = Path(__file__).parents[2]
SLOT = """
import subprocess, sys, time
from pathlib import Path
from shared.adapters.disk_presence import DiskPresence

presence = DiskPresence(Path(sys.argv[1]))
presence.enter()
quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
child = subprocess.Popen(["sleep", "60"], start_new_session=True, **quiet)
print(presence.name, child.pid, flush=True)
sys.stdin.readline()
presence.leave()
"""
"""A worker slot that has started a process of its own, as the cage's; a line to its stdin lets it leave in order."""


@dataclass
class Slots:
    """Makes slots that can be killed or leave; `seen` looks at them from another one."""

    seen: Presence

    def start(self) -> str:
        """Start one that lives; return its name."""
        return new_id()

    def kill(self, name: str) -> None:
        """Let it end without a word."""
        self.seen.ended.add(name)

    def leave(self, name: str) -> None:
        """Let it leave in order."""

    def end(self) -> None:
        """End what still runs."""


class DiskSlots(Slots):
    """Slots that are processes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(DiskPresence(folder))
        self.folder = folder
        self.processes: dict[str, subprocess.Popen] = {}
        self.grandchildren: list[int] = []

    def start(self) -> str:
        command = [sys.executable, "-c", SLOT, str(self.folder)]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        name, grandchild = process.stdout.readline().split()
        self.processes[name] = process
        self.grandchildren.append(int(grandchild))
        return name

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait()

    def leave(self, name: str) -> None:
        self.processes[name].communicate("\n")

    def end(self) -> None:
        for process in self.processes.values():
            process.kill()
            process.communicate()
        for pid in self.grandchildren:
            os.kill(pid, signal.SIGKILL)


@pytest.fixture(params=["memory", "disk"])
def slots(request, tmp_path):
    made = Slots(MemoryPresence()) if request.param == "memory" else DiskSlots(tmp_path / "workers")
    yield made
    made.end()


def test_nobody_is_gone_before_anybody_came(slots):
    assert slots.seen.gone(10) == set()


def test_a_slot_that_lives_is_not_gone_and_one_that_left_in_order_neither(slots):
    names = [slots.start(), slots.start()]
    slots.leave(names[0])
    assert slots.seen.gone(10) == set()


def test_a_killed_slot_is_gone_at_once_though_what_it_started_lives_on(slots):
    killed, living = slots.start(), slots.start()
    slots.kill(killed)
    assert slots.seen.gone(10) == {killed}
    slots.kill(living)
    assert slots.seen.gone(10) == {killed, living}


def test_what_is_forgotten_is_no_longer_told_and_may_be_forgotten_twice(slots):
    killed = slots.start()
    slots.kill(killed)
    for _ in range(2):
        slots.seen.forget([killed, new_id()])
        assert slots.seen.gone(10) == set()


def test_no_more_are_told_than_asked_for(slots):
    for name in [slots.start(), slots.start()]:
        slots.kill(name)
    assert len(slots.seen.gone(1)) == 1


def test_entering_and_leaving_may_be_repeated(tmp_path):
    for presence in (MemoryPresence(), DiskPresence(tmp_path)):
        presence.leave()
        for _ in range(2):
            presence.enter()
            presence.enter()
            assert DiskPresence(tmp_path).gone(10) == set()
            presence.leave()
            presence.leave()
    assert list(tmp_path.iterdir()) == []


def test_a_slot_that_is_forgotten_while_it_enters_is_there_all_the_same(tmp_path):
    other, done = DiskPresence(tmp_path), threading.Event()

    def forget_all():
        while not done.is_set():
            other.forget(other.gone(100))

    forgetting = threading.Thread(target=forget_all)
    forgetting.start()
    try:
        for _ in range(30):
            presence = DiskPresence(tmp_path)
            presence.enter()
            assert (tmp_path / presence.name).exists()
            presence.leave()
    finally:
        done.set()
        forgetting.join()


def test_many_that_are_gone_are_told_and_forgotten_bit_by_bit(tmp_path):
    presence = DiskPresence(tmp_path)
    presence.enter()
    for _ in range(300):
        (tmp_path / new_id()).touch()
    rounds = 0
    while gone := presence.gone(100):
        presence.forget(gone)
        rounds += 1
    assert rounds == 3
    assert [path.name for path in tmp_path.iterdir()] == [presence.name]


def test_where_no_file_can_be_made_the_slot_works_on_unknown(tmp_path, caplog):
    (tmp_path / "workers").write_text("no folder")
    presence = DiskPresence(tmp_path / "workers")
    presence.enter()
    assert "its end shows by time alone" in caplog.text
    presence.leave()
