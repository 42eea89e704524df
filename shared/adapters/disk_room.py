"""Room for files that grow, kept on the device itself where that can be; it leaves what others need to the promises."""

import ctypes
import errno
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from shared.adapters.disk_promises import Promise, Promises

_KEEP_SIZE = 1
"""FALLOC_FL_KEEP_SIZE: https://man7.org/linux/man-pages/man2/fallocate.2.html"""
_CANNOT = {errno.EOPNOTSUPP, errno.ENOSYS}
_BLOCK = 512
"""The unit of st_blocks, whatever the file system's own is."""

_libc = ctypes.CDLL(None, use_errno=True)
_libc.fallocate.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)


@dataclass(frozen=True)
class DiskRoom:
    """The room of a device. `free` says how much of it is there for us."""

    promises: Promises
    free: Callable[[], int]

    def keep(self, descriptor: int, length: int) -> Promise:
        """Keep room for a file of that length; return the promise of what the device cannot keep by itself.

        Raise StorageFull.
        """
        missing = length - allocated(descriptor)
        if length and missing <= 0:
            return self.promises.none()
        promise = self.promises.take(missing, self.free)
        try:
            if _allocate(descriptor, length):
                promise.end()
        except OSError:
            promise.end()
            raise
        return promise

    def look(self, descriptor: int, size: int, promise: Promise) -> None:
        """Raise StorageFull where a file that grows to that size would take what is not there for it."""
        beyond = size - allocated(descriptor) - promise.left
        if beyond > 0:
            self.promises.take(beyond, self.free).end()


def cut_back(descriptor: int, size: int, promise: Promise) -> None:
    """Cut a file back, and keep the room that it had: the promise stands in until the device has it again."""
    room = allocated(descriptor)
    promise.again(max(0, room - size))
    os.ftruncate(descriptor, size)
    with suppress(OSError):  # somebody else took it meanwhile, so it remains promised
        if _allocate(descriptor, room):
            promise.end()


def free_rest(descriptor: int) -> None:
    """Give back what is kept behind the end of the file."""
    found = os.fstat(descriptor)
    if found.st_blocks * _BLOCK - found.st_size >= found.st_blksize:
        os.ftruncate(descriptor, found.st_size)


def allocated(descriptor: int) -> int:
    """Return how many bytes the device has counted for the file; those in it count whole, compressed or not."""
    found = os.fstat(descriptor)
    return max(found.st_blocks * _BLOCK, found.st_size)


def _allocate(descriptor: int, length: int) -> bool:
    """Return whether the device keeps room up to there. Raise OSError where there is none."""
    if not length or not _libc.fallocate(descriptor, _KEEP_SIZE, 0, length):
        return True
    fault = ctypes.get_errno()
    if fault in _CANNOT:
        return False
    raise OSError(fault, os.strerror(fault))
