"""Puts files and names on stable storage, or leaves that to the kernel; it leaves what must be there to its callers."""

import ctypes
import os
import re
from contextlib import suppress
from pathlib import Path

LITTLE_BYTES = 16 * 1024 * 1024
"""Dirty memory beside our own that a sync of the whole file system may wait for: a fraction of a second to write."""
_TELLING_KERNEL = (5, 8)
"""Since then syncfs(2) tells of bytes that could not be written: https://man7.org/linux/man-pages/man2/syncfs.2.html"""
_TELLING_SYSTEMS = {"ext4", "xfs"}
"""Others, such as overlayfs, pass such faults on to syncfs of the file system below them, or to nobody."""


class DiskSync:
    """Syncs of one file system; with `durable` off none is made, and a power cut may take what was written last."""

    def __init__(self, *, durable: bool = True) -> None:
        self._durable = durable
        self._root = -1

    def open(self, root: Path) -> None:
        """Find out whether the file system of `root` can be synced as a whole."""
        if self._durable and _tells_faults(root):
            self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def close(self) -> None:
        """Let go of the file system."""
        if self._root >= 0:
            os.close(self._root)
            self._root = -1

    def file(self, descriptor: int) -> None:
        """Make a file's bytes durable."""
        if self._durable:
            os.fdatasync(descriptor)

    def folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        if not self._durable:
            return
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def is_quick(self, size: int) -> bool:
        """Tell whether `all` is possible, and waits for little else but the `size` bytes that are ours."""
        return self._root >= 0 and dirty_bytes() <= size + LITTLE_BYTES

    def all(self) -> None:
        """Make all bytes and names of the file system durable."""
        if _libc.syncfs(self._root):
            fault = ctypes.get_errno()
            raise OSError(fault, os.strerror(fault))


_libc = ctypes.CDLL(None, use_errno=True)


def dirty_bytes() -> int:
    """Return how much the machine holds that is not on its disks yet: ours, and that of all other programs.

    https://docs.kernel.org/filesystems/proc.html#meminfo
    """
    lines = Path("/proc/meminfo").read_bytes().splitlines()
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith((b"Dirty:", b"Writeback:")))


def _tells_faults(root: Path) -> bool:
    return _system_of(root) in _TELLING_SYSTEMS and _kernel() >= _TELLING_KERNEL


def _system_of(root: Path) -> str:
    """Return the name of the file system, as the kernel tells; empty where it does not."""
    device = root.stat().st_dev
    mounted = f"{os.major(device)}:{os.minor(device)}"
    with suppress(FileNotFoundError):
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            place, _, system = line.partition(" - ")
            if place.split()[2] == mounted:
                return system.split()[0]
    return ""


def _kernel() -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", os.uname().release)[:2]))
