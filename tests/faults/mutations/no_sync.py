"""Nothing that this process writes is synced; SQLite, which syncs by itself, is left alone."""

import ctypes
import os
from types import ModuleType


def do_not_sync(_: ModuleType) -> None:
    """Make the calls that wait for the disk return at once."""
    for name in ("fsync", "fdatasync", "sync"):
        setattr(os, name, lambda *_: None)
    find = ctypes.CDLL.__getattr__

    def find_none_that_syncs(library, name):
        return (lambda *_: 0) if name == "syncfs" else find(library, name)

    ctypes.CDLL.__getattr__ = find_none_that_syncs


PATCHES = {"shared.wiring": do_not_sync}
