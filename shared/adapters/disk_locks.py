"""Locks on files, of which each ends with the process that has it; it leaves what a lock means to those who take it.

The kernel drops an flock with the last open descriptor, so an end needs no heartbeat to be seen. Descriptors are closed
on exec, so what a process starts does not keep its locks. https://man7.org/linux/man-pages/man2/flock.2.html
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

NOBODY = -1
"""In place of a descriptor: there is no lock."""


def make_locked(path: Path) -> int:
    """Return a descriptor that locks the file, which is made if it is not there; wait for who looks at it meanwhile."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)  # it was removed just before it was locked


def lock(path: Path) -> int:
    """Return a descriptor that locks the file which is there, or NOBODY where another has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours = os.path.samestat(os.fstat(descriptor), path.stat())
    except BlockingIOError:
        ours = False
    except OSError:
        os.close(descriptor)
        raise
    if ours:
        return descriptor
    os.close(descriptor)
    return NOBODY


def is_unlocked(path: str | Path) -> bool:
    """Say whether the file is there and nobody locks it.

    By a shared lock, so that two who look at once don't take each other for an owner.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def remove_unlocked(path: Path) -> None:
    """Remove the file, unless somebody locks it, or just looks at it.

    It is locked meanwhile, so that who has opened it in order to lock it sees that it is gone.
    """
    with suppress(FileNotFoundError):
        descriptor = lock(path)
        if descriptor != NOBODY:
            path.unlink(missing_ok=True)
            os.close(descriptor)
