"""Landlock: a caged child gives up files, ports and other processes; it leaves every other limit to confinement.py.

A ruleset that handles every right and allows none. What is already open stays usable.
https://docs.kernel.org/userspace-api/landlock.html
"""

import ctypes
import os

# The same on every architecture: include/uapi/asm-generic/unistd.h of the kernel.
_CREATE_RULESET = 444
_RESTRICT_SELF = 446
_VERSION = 1

# Rights that came with each version of the interface, as masks: include/uapi/linux/landlock.h of the kernel.
_FILES = {1: 0x1FFF, 2: 0x2000, 3: 0x4000, 5: 0x8000}
_TCP_PORTS = {4: 0x3}
_ABSTRACT_SOCKETS_AND_SIGNALS = {6: 0x3}

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long


class _Ruleset(ctypes.Structure):
    """`struct landlock_ruleset_attr`; a kernel that knows less of it takes it with zeros there."""

    _fields_ = (("files", ctypes.c_uint64), ("ports", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


def version() -> int:
    """Return the version of the kernel's interface, 0 where there is none."""
    try:
        return _call(_CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def give_up_everything() -> None:
    """Refuse this process whatever Landlock can refuse, from now on; needs no_new_privs and one free descriptor."""
    known = version()
    rights = _Ruleset(*(_until(known, masks) for masks in (_FILES, _TCP_PORTS, _ABSTRACT_SOCKETS_AND_SIGNALS)))
    ruleset = _call(_CREATE_RULESET, ctypes.byref(rights), ctypes.sizeof(rights), 0)
    try:
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _until(version: int, masks: dict[int, int]) -> int:
    return sum(mask for since, mask in masks.items() if since <= version)


def _call(number: int, *values: object) -> int:
    words = (ctypes.c_long(value) if isinstance(value, int) else value for value in values)
    result = _LIBC.syscall(ctypes.c_long(number), *words)
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock was refused")
    return int(result)
