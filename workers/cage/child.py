"""The one process that touches an untrusted file: waits for it, does the work and ends; it leaves its end to watch.py.

It is forked ahead of the file and rehearses the work, so that forking and first page faults cost no file any time.
"""

import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, NoReturn, Protocol

from workers.cage import confinement
from workers.cage.protocol import MAX_PACKET_BYTES, SO_FAR, Request
from workers.examine.examination import Question

OUT_OF_MEMORY = 3
_CRASHED = 1
_BEGUN = b"begun"
_MAX_FAULT_BYTES = 1000


class Work(Protocol):
    """What a child is for; a module with these functions is one."""

    def prepare(self) -> None:
        """Load, in the warm process, whatever a confined child can no longer open."""

    def rehearse(self) -> None:
        """Do the work on bytes of our own."""

    def answer(self, file: BinaryIO, question: Question, so_far: Callable[[bytes], None]) -> bytes:
        """Return the answer to one file; tell `so_far`, once at most, what is to hold where the rest ends the child."""


@dataclass(frozen=True, slots=True)
class Child:
    """One child, which waits for its file."""

    pid: int
    orders: socket.socket

    def hand(self, packet: bytes, file: int, answer: int) -> bool:
        """Hand it a request, the file and where the answer goes; say whether it was alive to take them."""
        try:
            socket.send_fds(self.orders, [packet], [file, answer])
        except OSError:
            os.kill(self.pid, signal.SIGKILL)
            return False
        return True

    def began(self) -> bool:
        """Say, once it has ended, whether it had taken its request: one that was dying already takes none."""
        try:
            return bool(self.orders.recv(len(_BEGUN), socket.MSG_DONTWAIT))
        except OSError:
            return False


def start(work: Work) -> Child:
    """Fork a child in a process group of its own."""
    parent = os.getpid()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        pid = os.fork()
        if pid == 0:
            _live(work, theirs, parent)
    os.setpgid(pid, pid)
    return Child(pid, ours)


def _live(work: Work, orders: socket.socket, parent: int) -> NoReturn:
    try:
        confinement.keep_one(orders.fileno())  # the file before is still being worked on, and is none of this one's
        os.setpgid(0, 0)
        confinement.die_with(parent)
        work.rehearse()
        packet, descriptors, _, _ = socket.recv_fds(orders, MAX_PACKET_BYTES, 2)
        if packet:
            orders.send(_BEGUN)
            request = Request.model_validate_json(packet)
            confinement.confine(descriptors[0], descriptors[1], request.limits)
            os._exit(_answer(work, request.question))
    finally:
        # The fork must never return into the parent's loop.
        os._exit(_CRASHED)


def _answer(work: Work, question: Question) -> int:
    """Write the answer, or what kept the work from it; return the exit status."""
    try:
        with open(confinement.FILE, "rb", closefd=False) as file:
            _write(work.answer(file, question, lambda answer: _write(answer + SO_FAR)))
    except MemoryError:
        return OUT_OF_MEMORY
    except BaseException as fault:  # noqa: BLE001 - whatever it is, it is this file's story
        _write(f"{type(fault).__name__}: {fault}".encode(errors="replace")[:_MAX_FAULT_BYTES])
        return _CRASHED
    return os.EX_OK


def _write(answer: bytes) -> None:
    rest = memoryview(answer)
    while rest:
        rest = rest[os.write(confinement.ANSWER, rest) :]
