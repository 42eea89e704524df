"""What an item of the corpus is, and the two lists of them; it leaves making the bytes to good/ and hostile/."""

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from workers.cage.protocol import CageLimits

COMPLETED = "completed"
"""The verdict on a file that no reason speaks against; the others are reasons."""

BRIEF = CageLimits(cpu_seconds=2, wall_seconds=4)
"""For what would use up its limits, so that the suite need not wait for the usual ones."""

Content = bytes | Callable[[BinaryIO], object]
"""A file's bytes, or what writes them where they are too many for memory."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One file: its name as a sentence, what its sender claims, and its maker, which may ask for the Trap."""

    name: str
    filename: str | None
    declared_type: str | None
    make: Callable[..., Content]
    warnings: tuple[str, ...] = ()

    @property
    def points_elsewhere(self) -> bool:
        """Whether it names a local file or an address: its maker has asked for them."""
        return bool(inspect.signature(self.make).parameters)


@dataclass(frozen=True, kw_only=True)
class Good(Item):
    """A file that is described: all fields with a value but the unchecked ones are as expected; so are the warnings."""

    media_type: str
    metadata: Mapping[str, Any]
    unchecked: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        """How it is described."""
        return self.metadata["kind"]


@dataclass(frozen=True, kw_only=True)
class Hostile(Item):
    """A file that is contained: its verdict is one of these, each of the warnings is part of one that it gets.

    Where it is described, these fields are told of it; all others may be anything.
    """

    verdicts: frozenset[str]
    told: Mapping[str, Any] = field(default_factory=dict)
    limits: CageLimits = field(default_factory=CageLimits)


_GOOD: list[Good] = []
_HOSTILE: list[Hostile] = []

Maker = Callable[..., Content]


def good(
    name: str,
    filename: str,
    declared_type: str | None,
    media_type: str,
    metadata: Mapping[str, Any],
    *,
    unchecked: Iterable[str] = (),
    warnings: Iterable[str] = (),
) -> Callable[[Maker], Maker]:
    """Put what the function makes on the list of good files. Fields that the metadata leave out have no value."""

    def listed(make: Maker) -> Maker:
        _GOOD.append(
            Good(
                name=name,
                filename=filename,
                declared_type=declared_type,
                make=make,
                media_type=media_type,
                metadata=metadata,
                unchecked=frozenset(unchecked),
                warnings=tuple(warnings),
            )
        )
        return make

    return listed


def hostile(
    name: str,
    filename: str | None,
    *verdicts: str,
    declared_type: str | None = None,
    warnings: Iterable[str] = (),
    told: Mapping[str, Any] | None = None,
    limits: CageLimits | None = None,
) -> Callable[[Maker], Maker]:
    """Put what the function makes on the list of hostile files, with the verdicts that are right for it."""

    def listed(make: Maker) -> Maker:
        _HOSTILE.append(
            Hostile(
                name=name,
                filename=filename,
                declared_type=declared_type,
                make=make,
                verdicts=frozenset(verdicts),
                warnings=tuple(warnings),
                told=told or {},
                limits=limits or CageLimits(),
            )
        )
        return make

    return listed


@functools.cache
def good_items() -> tuple[Good, ...]:
    """Return every good file, by theme."""
    _load("good")
    return tuple(_GOOD)


@functools.cache
def hostile_items() -> tuple[Hostile, ...]:
    """Return every hostile file, by theme."""
    _load("hostile")
    return tuple(_HOSTILE)


def _load(folder: str) -> None:
    for module in pkgutil.iter_modules([str(Path(__file__).parent / folder)]):
        importlib.import_module(f"tests.corpus.{folder}.{module.name}")
