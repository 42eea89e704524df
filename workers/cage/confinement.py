"""What holds the warm process and its children; it leaves two of the layers to seccomp.py and landlock.py."""

import contextlib
import ctypes
import gc
import os
import resource
import signal
from collections.abc import Iterator

from workers.cage import landlock, seccomp
from workers.cage.protocol import CageLimits, Layer

FILE = 3
"""The child's descriptor of the file that it works on."""
ANSWER = 4
"""The child's descriptor of the pipe that its answer goes to."""
_DESCRIPTORS = 5
_WARM_DESCRIPTORS = 64
_EMPTY_FOLDER = "/proc/self/fdinfo"

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38

_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int) -> None:
    """Have the kernel kill this process once its parent ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we asked
        os._exit(1)


def settle() -> tuple[Layer, ...]:
    """Prepare this process for forking children cheaply and without network; return the layers that hold them."""
    level = tuple(_layers())
    _prove()
    os.environ.clear()
    _lower(resource.RLIMIT_NOFILE, _WARM_DESCRIPTORS)
    # What lives now lives on: children need not copy its pages. https://docs.python.org/3/library/gc.html#gc.freeze
    gc.disable()
    gc.freeze()
    return level


def keep_one(descriptor: int) -> None:
    """Close whatever this child has inherited but one descriptor and the standard ones."""
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, _WARM_DESCRIPTORS)


def confine(file: int, answer: int, limits: CageLimits) -> None:
    """Give up, for the life of this child, all but reading one file and writing one pipe."""
    # Plain calls, also below: whatever else of Python a child touches first, it copies first.
    with contextlib.suppress(OSError):  # better this child than the worker, where memory runs out
        os.write(os.open("/proc/self/oom_score_adj", os.O_WRONLY), b"1000")
    address_space = _address_space()
    _keep_only(file, answer)  # what was opened up to here is closed by it
    _see_no_path()
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    if landlock.version():  # before the limits, since it needs a descriptor for a moment
        landlock.give_up_everything()
    _lower(resource.RLIMIT_AS, address_space + limits.memory_bytes)
    # Only the soft limit tells itself from other kills, by SIGXCPU: setrlimit(2).
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    _lower(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    for closed in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        _lower(closed, 0)
    if seccomp.available():
        seccomp.allow_only_reading()


def _layers() -> Iterator[Layer]:
    yield Layer.RLIMITS
    yield Layer.NO_NEW_PRIVS
    if seccomp.available():
        yield Layer.SECCOMP
    if landlock.version():
        yield Layer.LANDLOCK
    if _unshare(_CLONE_NEWNET) or _unshare(_CLONE_NEWUSER | _CLONE_NEWNET):
        yield Layer.NETNS


def _prove() -> None:
    """Confine a child without a file; raise OSError where the kernel refuses what it seems to have."""
    pid = os.fork()
    if pid == 0:
        try:
            confine(*os.pipe(), CageLimits())
            os._exit(os.EX_OK)
        finally:
            os._exit(1)
    if os.waitpid(pid, 0)[1]:
        raise OSError("A child could not be confined")


def _keep_only(file: int, answer: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    # Copies above the final places first, so that no place is overwritten before it was copied.
    spare = [os.dup2(source, _WARM_DESCRIPTORS - 8 + n) for n, source in enumerate((null, file, answer))]
    for place, source in ((0, spare[0]), (1, spare[0]), (2, spare[0]), (FILE, spare[1]), (ANSWER, spare[2])):
        os.dup2(source, place, inheritable=False)
    os.closerange(_DESCRIPTORS, _WARM_DESCRIPTORS)


def _see_no_path() -> None:
    # Neither seccomp nor Landlock keeps stat(2) from a path. Only root and a user namespace may do this.
    with contextlib.suppress(OSError):
        os.chroot(_EMPTY_FOLDER)
        os.chdir("/")


def _address_space() -> int:
    pages = os.read(os.open("/proc/self/statm", os.O_RDONLY), 100).split(maxsplit=1)[0]
    return int(pages) * resource.getpagesize()


def _lower(limit: int, value: int) -> None:
    hard = resource.getrlimit(limit)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (value, value))


def _unshare(flags: int) -> bool:
    return bool(_LIBC.unshare(flags) == 0)


def _prctl(option: int, value: int) -> None:
    if _LIBC.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}) was refused")
