"""The system calls that a caged child may make, as a seccomp filter; it leaves the other limits to confinement.py.

Whoever works on an open file needs few: read, seek, write, memory. No call that opens, connects, starts or signals
is among them. https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

import ctypes
import errno
import functools
import platform
import struct
from dataclasses import dataclass

_PR_SET_SECCOMP = 22
_MODE_FILTER = 2
_RETURN_ALLOW = 0x7FFF0000
_RETURN_ERRNO = 0x00050000
_RETURN_KILL_PROCESS = 0x80000000
_LOAD_WORD = 0x20
_JUMP_IF_EQUAL = 0x15
_RETURN = 0x06
_OFFSET_OF_NUMBER = 0
_OFFSET_OF_ARCHITECTURE = 4

_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class _Architecture:
    audit: int
    calls: dict[str, int]


# Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of the kernel.
_X86_64 = _Architecture(
    audit=0xC000003E,
    calls={
        "read": 0,
        "write": 1,
        "close": 3,
        "fstat": 5,
        "lseek": 8,
        "mmap": 9,
        "mprotect": 10,
        "munmap": 11,
        "brk": 12,
        "rt_sigaction": 13,
        "rt_sigprocmask": 14,
        "rt_sigreturn": 15,
        "pread64": 17,
        "readv": 19,
        "writev": 20,
        "sched_yield": 24,
        "mremap": 25,
        "madvise": 28,
        "nanosleep": 35,
        "getpid": 39,
        "exit": 60,
        "gettid": 186,
        "futex": 202,
        "restart_syscall": 219,
        "clock_gettime": 228,
        "clock_getres": 229,
        "clock_nanosleep": 230,
        "exit_group": 231,
        "newfstatat": 262,  # what older glibc makes of fstat
        "getrandom": 318,
    },
)
_AARCH64 = _Architecture(
    audit=0xC00000B7,
    calls={
        "close": 57,
        "lseek": 62,
        "read": 63,
        "write": 64,
        "readv": 65,
        "writev": 66,
        "pread64": 67,
        "newfstatat": 79,
        "fstat": 80,
        "exit": 93,
        "exit_group": 94,
        "futex": 98,
        "nanosleep": 101,
        "clock_gettime": 113,
        "clock_getres": 114,
        "clock_nanosleep": 115,
        "sched_yield": 124,
        "restart_syscall": 128,
        "rt_sigaction": 134,
        "rt_sigprocmask": 135,
        "rt_sigreturn": 139,
        "getpid": 172,
        "gettid": 178,
        "brk": 214,
        "munmap": 215,
        "mremap": 216,
        "mmap": 222,
        "mprotect": 226,
        "madvise": 233,
        "getrandom": 278,
    },
)
_ARCHITECTURES = {"x86_64": _X86_64, "aarch64": _AARCH64}


class _Program(ctypes.Structure):
    """`struct sock_fprog` of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


@functools.cache
def available() -> bool:
    """Say whether this machine has filters, and we the numbers of its calls."""
    if not _INSTRUCTIONS:
        return False
    # A kernel with filters complains of the missing program, one without of the mode: seccomp(2).
    _LIBC.prctl(_PR_SET_SECCOMP, _MODE_FILTER, None)
    return ctypes.get_errno() == errno.EFAULT


def allow_only_reading() -> None:
    """Refuse every other call of this process with EPERM from now on; needs no_new_privs."""
    program = _Program(len(_INSTRUCTIONS) // 8, _INSTRUCTIONS)
    if _LIBC.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program)) != 0:
        raise OSError(ctypes.get_errno(), "the seccomp filter was refused")


def _compiled(architecture: _Architecture) -> bytes:
    numbers = sorted(architecture.calls.values())
    allow = len(numbers) + 1
    return b"".join(
        (
            _instruction(_LOAD_WORD, _OFFSET_OF_ARCHITECTURE),
            _instruction(_JUMP_IF_EQUAL, architecture.audit, if_true=1),
            _instruction(_RETURN, _RETURN_KILL_PROCESS),
            _instruction(_LOAD_WORD, _OFFSET_OF_NUMBER),
            *(
                _instruction(_JUMP_IF_EQUAL, number, if_true=allow - place)
                for place, number in enumerate(numbers, start=1)
            ),
            _instruction(_RETURN, _RETURN_ERRNO | errno.EPERM),
            _instruction(_RETURN, _RETURN_ALLOW),
        )
    )


def _instruction(code: int, value: int, *, if_true: int = 0) -> bytes:
    """Return one `struct sock_filter`."""
    return struct.pack("HBBI", code, if_true, 0, value)


# Compiled here, in the warm process, rather than by each child.
_INSTRUCTIONS = _compiled(_ARCHITECTURES[platform.machine()]) if platform.machine() in _ARCHITECTURES else b""
