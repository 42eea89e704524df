"""The one process that touches an untrusted file: does the work and ends; it leaves its end to watch.py."""

import os
from collections.abc import Callable
from typing import BinaryIO, NoReturn

from workers.cage import confinement
from workers.cage.protocol import Request
from workers.examine.examination import Claim

Work = Callable[[BinaryIO, Claim], bytes]

OUT_OF_MEMORY = 3
_CRASHED = 1
_MAX_FAULT_BYTES = 1000


def start(work: Work, request: Request, file: int, answer: int) -> int:
    """Fork the child in a process group of its own; return its pid."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _live(work, request, file, answer, parent)
    os.setpgid(pid, pid)
    return pid


def _live(work: Work, request: Request, file: int, answer: int, parent: int) -> NoReturn:
    status = _CRASHED
    try:
        os.setpgid(0, 0)
        confinement.die_with(parent)
        confinement.confine(file, answer, request.limits)
        _answer(work, request.claim)
        status = os.EX_OK
    except MemoryError:
        status = OUT_OF_MEMORY
    except BaseException as fault:  # noqa: BLE001 - the fork must never return into the parent's loop
        _write(f"{type(fault).__name__}: {fault}".encode(errors="replace")[:_MAX_FAULT_BYTES])
    finally:
        os._exit(status)


def _answer(work: Work, claim: Claim) -> None:
    with open(confinement.FILE, "rb", closefd=False) as file:
        _write(work(file, claim))


def _write(answer: bytes) -> None:
    rest = memoryview(answer)
    while rest:
        rest = rest[os.write(confinement.ANSWER, rest) :]
