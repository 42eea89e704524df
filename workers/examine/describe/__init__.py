"""Finds the describers, one module for each kind beside this one; each leaves every other kind alone.

A new kind is a module here with `KIND` and `describe`, a model in shared/metadata, a family in shared/media_types.py.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO, Protocol, Self, cast

from shared.ingest import Reason
from shared.metadata import Metadata


class Refused(Exception):
    """The content is at fault, for a reason that the receipt carries."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Unreadable(Refused):
    """The content breaks its own format."""

    def __init__(self, detail: str) -> None:
        super().__init__(Reason.UNREADABLE, detail)


@dataclass(frozen=True, slots=True)
class Described:
    """Metadata, and a warning for whatever could not be read."""

    metadata: Metadata
    warnings: tuple[str, ...] = ()
    look_further: "Callable[[], Described] | None" = None
    """What tells more, where it is known that a hostile file may end the process by it; else this holds."""

    @classmethod
    def of(cls, metadata: Metadata, *warnings: str, absent: frozenset[str] = frozenset()) -> Self:
        """Add a warning for each field without a value, but for those that the content does not have."""
        missing = [name for name, value in metadata if value is None and name not in absent]
        return cls(metadata, (*warnings, *(f"{name} could not be read" for name in missing)))


class Describer(Protocol):
    """What each module in this folder is."""

    KIND: str

    def describe(self, file: BinaryIO, media_type: str) -> Described:
        """Return what the content says of itself; raise Refused, mostly as Unreadable, where it is at fault."""

    def prepare(self) -> None:
        """Load what a caged child can no longer open."""


@functools.cache
def describers() -> Mapping[str, Describer]:
    """Return kind → describer."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return MappingProxyType({module.KIND: cast("Describer", module) for module in modules})
