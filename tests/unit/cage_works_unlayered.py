"""The works of cage_works_layered.py on a machine that has no layer beyond the limits."""

from tests.unit import cage_works_layered
from tests.unit.cage_works_layered import answer, rehearse
from workers.cage import landlock

__all__ = ["answer", "prepare", "rehearse"]


def prepare() -> None:
    """Switch Landlock off too."""
    cage_works_layered.prepare()
    landlock.version = lambda: 0
