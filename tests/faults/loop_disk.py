"""A disk of its own in a file, which a power cut can be played on; it leaves what is written there to the test.

ext4 writes what is synced to the file at once, and the rest when it likes (`commit=300`: not during a test). So a copy
of the file has what a power cut would leave, and mounting that copy is the machine's next start.
https://www.kernel.org/doc/html/latest/filesystems/ext4/journal.html
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SIZE = "128M"
COPIES = 20


class LoopDisk:
    """An ext4 file system in one file."""

    def __init__(self, image: Path) -> None:
        self.image = image

    @classmethod
    def made(cls, image: Path) -> "LoopDisk":
        """Make an empty one. Without root there is none, and no proof."""
        if os.geteuid() != 0:
            pytest.fail("A power cut is played on a mounted file, which takes root.")
        _run("truncate", "-s", SIZE, image)
        _run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", image)
        return cls(image)

    @contextmanager
    def mounted(self, place: Path) -> Iterator[Path]:
        """Mount it for the time of the context, after its journal was played back."""
        place.mkdir()
        _run("mount", "-o", "loop,commit=300", self.image, place)
        try:
            yield place
        finally:
            # Lazily, so that a process that lives on keeps no mount behind; its loop device goes with the last file.
            _run("umount", "--lazy", place)

    def as_a_power_cut_leaves_it(self, image: Path) -> "LoopDisk":
        """Copy it, without any sync, while nobody writes; again, until the kernel has written nothing meanwhile."""
        for _ in range(COPIES):
            _run("cp", "--sparse=always", "--reflink=never", self.image, image)
            if subprocess.run(["cmp", "--quiet", self.image, image], check=False).returncode == 0:
                return LoopDisk(image)
        raise TimeoutError(f"{self.image} is written all the time.")


def _run(*command: str | Path) -> None:
    environment = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}  # where mkfs is, whoever's PATH that is
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stderr}"
