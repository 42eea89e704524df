"""The works of cage_works.py on a machine without system call filters."""

from tests.unit.cage_works import answer, rehearse
from workers.cage import seccomp

__all__ = ["answer", "prepare", "rehearse"]


def prepare() -> None:
    """Make this process believe that the kernel has no filters."""
    seccomp.available = lambda: False
