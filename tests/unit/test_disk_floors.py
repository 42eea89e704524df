"""How many bytes of an unfinished object count, for one who asks in the middle of what another does to it."""

import os
from collections import deque

import pytest

from shared.adapters.disk_floors import DiskFloors
from shared.adapters.disk_sync import DiskSync
from shared.ids import new_id


class Interrupted(DiskFloors):
    """Floors whose reader is interrupted after each of its steps: the note is read, the size, and the note again."""

    def __init__(self, folder):
        super().__init__(folder, DiskSync(durable=False))
        self.interruptions = deque()

    def _text(self, ingest_id):
        text = super()._text(ingest_id)
        self._interrupt()
        return text

    def _synced(self, part):
        size = super()._synced(part)
        self._interrupt()
        return size

    def _interrupt(self):
        if self.interruptions:
            self.interruptions.popleft()()


@pytest.fixture
def floors(tmp_path):
    (tmp_path / "floors").mkdir()
    return Interrupted(tmp_path / "floors")


@pytest.fixture(params=["new", "lifted", "noted"])
def part(request, tmp_path, floors):
    """A part of 10 bytes that count, with each note that it may have."""
    made = tmp_path / new_id()
    made.write_bytes(bytes(10))
    if request.param != "new":
        floors.note(made.name, 10)
    if request.param == "lifted":
        floors.lift(made.name)
    return made


@pytest.fixture
def appends(tmp_path, part):
    """What an appender does, step by step."""
    return Appends(DiskFloors(tmp_path / "floors", DiskSync(durable=False)), part)


class Appends:
    def __init__(self, floors, part):
        self.floors, self.part = floors, part

    def offer(self):
        """Note where it begins, and write what is provisional."""
        self.floors.note(self.part.name, self.part.stat().st_size)
        self.write(1000)

    def write(self, size=5):
        with self.part.open("ab") as file:
            file.write(bytes(size))

    def take_back(self):
        os.truncate(self.part, self.floors.of(self.part.name))

    def keep(self):
        self.floors.note(self.part.name, self.part.stat().st_size)

    def go_on(self):
        """Begin what is not provisional, and write."""
        self.floors.lift(self.part.name)
        self.write()


def together(*steps):
    return lambda: [step() for step in steps]


def nothing():
    """Do not interrupt."""


def test_what_is_there_counts(floors, part):
    assert floors.counted(part) == 10


@pytest.mark.parametrize("turn", range(3))
def test_what_is_provisional_does_not_count_whenever_it_comes(floors, part, appends, turn):
    floors.interruptions.extend([nothing] * turn + [appends.offer])
    assert floors.counted(part) == 10


@pytest.mark.parametrize("turn", range(3))
def test_what_was_kept_may_count_or_not_for_one_who_asked_before(floors, part, appends, turn):
    floors.interruptions.extend([nothing] * turn + [together(appends.offer, appends.keep)])
    assert floors.counted(part) in {10, 1010}
    assert floors.counted(part) == 1010


def test_what_comes_and_is_taken_back_while_one_asks_does_not_count(floors, part, appends):
    floors.interruptions.extend([appends.offer, appends.take_back])
    assert floors.counted(part) == 10


def test_not_even_where_others_wrote_again_before_one_has_looked_twice(floors, part, appends):
    floors.interruptions.extend([appends.offer, together(appends.take_back, appends.go_on)])
    assert floors.counted(part) == 15
    for _ in range(3):
        floors.interruptions.extend([appends.offer, together(appends.take_back, appends.go_on), nothing])
    assert floors.counted(part) == 30


def test_a_part_that_is_finished_or_deleted_while_one_asks_is_not_there(floors, part):
    floors.interruptions.extend([nothing, together(part.unlink, lambda: floors.forget(part.name))])
    with pytest.raises(FileNotFoundError):
        floors.counted(part)


def test_a_note_is_never_half_written_and_what_a_crash_left_of_one_is_in_nobodys_way(floors, part, tmp_path):
    (tmp_path / "floors" / f"{part.name}.new").symlink_to("half")
    floors.tidy(tmp_path)
    assert floors.counted(part) == 10
    floors.note(part.name, 7)
    assert floors.counted(part) == floors.of(part.name) == 7


def test_notes_of_parts_that_are_gone_are_removed(floors, part, tmp_path):
    floors.note(part.name, 7)
    floors.tidy(tmp_path)
    assert floors.of(part.name) == 7
    part.unlink()
    floors.tidy(tmp_path)
    assert list((tmp_path / "floors").iterdir()) == []
