"""Nothing that Python writes is synced; SQLite, which syncs by itself, is left alone."""

import ctypes
import os

PATCHES = {}
"""None: the calls are the system's, and gone from the start."""

_found = ctypes.CDLL.__getattr__


def _found_unless_it_syncs(library: ctypes.CDLL, name: str):
    return (lambda *_: 0) if name == "syncfs" else _found(library, name)


for _name in ("fsync", "fdatasync", "sync"):
    setattr(os, _name, lambda *_: None)
ctypes.CDLL.__getattr__ = _found_unless_it_syncs
