"""Locks on files, among those who take them, look at them and remove what nobody locks, all at once."""

import os
import threading
from contextlib import contextmanager

import pytest

from shared.adapters.disk_locks import NOBODY, is_unlocked, lock, make_locked, remove_unlocked


@contextmanager
def meanwhile(work):
    """Repeat it in a thread of its own."""
    done = threading.Event()

    def repeat():
        while not done.is_set():
            work()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_a_lock_is_one_ones_own_and_seen_by_others_until_it_ends(tmp_path):
    path = tmp_path / "file"
    descriptor = make_locked(path)
    assert lock(path) == NOBODY
    assert not is_unlocked(path)
    remove_unlocked(path)
    assert path.exists()
    os.close(descriptor)
    assert is_unlocked(path)
    os.close(lock(path))
    remove_unlocked(path)
    assert not path.exists()


def test_what_is_not_there_is_neither_locked_nor_made(tmp_path):
    path = tmp_path / "file"
    with pytest.raises(FileNotFoundError):
        lock(path)
    assert not is_unlocked(path)
    remove_unlocked(path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_moved_while_it_was_locked_is_not_there(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.touch()
    fstat = os.fstat
    monkeypatch.setattr(os, "fstat", lambda descriptor: (path.rename(tmp_path / "moved"), fstat(descriptor))[1])
    with pytest.raises(FileNotFoundError):
        lock(path)
    monkeypatch.undo()
    assert is_unlocked(tmp_path / "moved")


def test_what_one_locks_stays_though_another_removes_all_that_nobody_locks(tmp_path):
    def remove_all():
        for path in tmp_path.iterdir():
            if is_unlocked(path):
                remove_unlocked(path)

    with meanwhile(remove_all), meanwhile(remove_all):
        for number in range(2000):
            path = tmp_path / str(number)
            descriptor = make_locked(path)
            assert path.exists()
            path.unlink()
            os.close(descriptor)
