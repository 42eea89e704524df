"""What a caged child may be made to do in place of an examination: the claim's filename chooses it."""

import ctypes
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from workers.examine.examination import Examination, Question


def prepare() -> None:
    """Nothing is needed."""


def rehearse() -> None:
    """Nothing is needed."""


def answer(file: BinaryIO, question: Question, so_far: Callable[[bytes], None]) -> bytes:
    return _dictate(file) if question.ask == "preview" else _WORKS[question.claim.filename or "read"](file)


def _read(file: BinaryIO) -> bytes:
    return Examination(detail=file.read().decode()).model_dump_json().encode()


def _segfault(file: BinaryIO) -> bytes:
    return ctypes.string_at(0)


def _loop(file: BinaryIO) -> bytes:
    while True:
        pass


def _sleep(file: BinaryIO) -> bytes:
    time.sleep(60)
    return b""


def _allocate(file: BinaryIO) -> bytes:
    return bytes(4 * 1024**3)


def _abort_when_full(file: BinaryIO) -> bytes:
    """As PDFium does."""
    kept = []
    try:
        while True:
            kept.append(b"x" * 1024 * 1024)
    except MemoryError:
        kept.clear()
        ctypes.string_at(0)


def _talk(file: BinaryIO) -> bytes:
    return b"x" * 2 * 1024 * 1024


def _chat_for_ever(file: BinaryIO) -> bytes:
    while True:
        os.write(4, b"x")
        time.sleep(0.01)


def _mumble(file: BinaryIO) -> bytes:
    return b"no json"


def _dictate(file: BinaryIO) -> bytes:
    """As a parser would that its file has taken over: no code of ours looks at the answer."""
    os.write(4, file.read())
    os._exit(0)


def _fail_loudly(file: BinaryIO) -> bytes:
    os.write(4, file.read())
    os._exit(1)


def _lie(file: BinaryIO) -> bytes:
    return b'{"media_type": "video/mp4", "metadata": {"kind": "video", "width": -1}}'


def _fork(file: BinaryIO) -> bytes:
    if os.fork() == 0:
        time.sleep(60)
    return Examination(detail="forked").model_dump_json().encode()


def _open(file: BinaryIO) -> bytes:
    return Path("/etc/hostname").read_bytes()


def _look(file: BinaryIO) -> bytes:
    known = [path for path in ("/etc", "/proc", "/tmp", __file__) if Path(path).exists()]
    return Examination(detail=f"{os.fstat(file.fileno()).st_size} {known}").model_dump_json().encode()


def _write_elsewhere(file: BinaryIO) -> bytes:
    os.write(file.fileno(), b"x")
    return b""


def _connect(file: BinaryIO) -> bytes:
    with socket.socket() as connection:
        connection.connect(("127.0.0.1", 9))
    return b""


def _execute(file: BinaryIO) -> bytes:
    os.execv("/bin/true", ["true"])


def _kill_parent(file: BinaryIO) -> bytes:
    os.kill(os.getppid(), 9)
    return b""


def _environment(file: BinaryIO) -> bytes:
    return Examination(detail=repr(dict(os.environ))).model_dump_json().encode()


def _tell_and(end: Callable[[BinaryIO], bytes]) -> Callable[[BinaryIO], bytes]:
    """Answer with the file's bytes so far before the end."""

    def work(file: BinaryIO) -> bytes:
        os.write(4, file.read() + b"\x1e")
        return end(file)

    return work


_tell_and_segfault = _tell_and(_segfault)
_tell_and_loop = _tell_and(_loop)
_tell_and_allocate = _tell_and(_allocate)
_tell_and_open = _tell_and(_open)
_tell_and_talk = _tell_and(_talk)
_tell_and_mumble = _tell_and(_mumble)
_tell_and_environment = _tell_and(_environment)


_WORKS = {name.removeprefix("_"): work for name, work in list(globals().items()) if name[:2] != "__" and name[0] == "_"}
