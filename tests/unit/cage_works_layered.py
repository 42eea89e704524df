"""What a caged child tries where one layer alone is in force: the claim's filename names the layer and the attempt."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from tests.unit.cage_works import rehearse
from workers.cage import confinement, seccomp
from workers.examine.examination import Examination, Question

__all__ = ["answer", "prepare", "rehearse"]

ABSTRACT = "\0hmas-cage-test-%d"
_listening: list[socket.socket] = []


def prepare() -> None:
    """Switch filters, namespaces and the change of root off, and listen at an abstract address for children to try."""
    seccomp.available = lambda: False
    confinement._unshare = lambda flags: False
    confinement._see_no_path = lambda: None
    _listening.append(socket.socket(socket.AF_UNIX))
    _listening[0].bind(ABSTRACT % os.getpid())
    _listening[0].listen()


def answer(file: BinaryIO, question: Question, so_far: Callable[[bytes], None]) -> bytes:
    os.close(0)  # all five descriptors are taken, and that limit is not to be met here
    try:
        detail = _ATTEMPTS[question.claim.filename]()
    except OSError as refusal:
        detail = os.strerror(refusal.errno)
    return Examination(detail=detail).model_dump_json().encode()


def _read() -> str:
    Path(__file__).read_bytes()
    return "read"


def _write() -> str:
    Path("/tmp/hmas-cage-test").write_text("escaped")
    return "written"


def _list() -> str:
    return str(list(Path("/proc/self").iterdir()))


def _make() -> str:
    Path("/tmp/hmas-cage-test").mkdir()
    return "made"


def _execute() -> str:
    os.execv("/bin/true", ["true"])


def _bind() -> str:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
    return "bound"


def _connect() -> str:
    with socket.socket() as client:
        client.connect(("127.0.0.1", 9))
    return "connected"


def _signal() -> str:
    os.kill(os.getppid(), 0)
    return "signalled"


def _abstract() -> str:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(ABSTRACT % os.getppid())
    return "connected"


_ATTEMPTS = {
    "read": _read,
    "write": _write,
    "list": _list,
    "make": _make,
    "execute": _execute,
    "bind": _bind,
    "connect": _connect,
    "signal": _signal,
    "abstract": _abstract,
}
