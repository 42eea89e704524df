"""A small file system of the storm's own, which can be filled; it leaves what stands on it to the stack."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MIB = 1024 * 1024
UNMOUNT_SECONDS = 10


class Disk:
    """A mounted tmpfs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    @classmethod
    @contextmanager
    def mounted(cls, folder: Path, size: int) -> Iterator["Disk"]:
        """Mount `size` bytes at a folder for the time of the context."""
        folder.mkdir(parents=True)
        command = ("mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "hmas-storm", str(folder))
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise PermissionError(f"A storm fills a file system of its own, which only root may mount: {done.stderr}")
        try:
            yield cls(folder)
        finally:
            _unmount(folder)

    def fill(self) -> int:
        """Take all the room that is left; return the bytes."""
        size = 0
        with self._ballast.open("wb") as ballast:
            while free := self._room():
                with suppress(OSError):  # somebody else took some of it meanwhile
                    os.posix_fallocate(ballast.fileno(), size, free)
                    size += free
        return size

    def _room(self) -> int:
        room = os.statvfs(self.folder)
        return room.f_bavail * room.f_frsize

    def free(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)


def _unmount(folder: Path) -> None:
    """Wait for what was just killed to let go of its files."""
    until = time.monotonic() + UNMOUNT_SECONDS
    while (done := subprocess.run(["umount", folder], check=False, capture_output=True, text=True)).returncode:
        if time.monotonic() > until:
            subprocess.run(["umount", "--lazy", folder], check=True)
            raise TimeoutError(f"Something still works in {folder}: {done.stderr}")
        time.sleep(0.1)
