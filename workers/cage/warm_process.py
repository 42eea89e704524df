"""The warm process as the service sees it: its start, its socket and its end; it leaves what is said to cage.py."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from shared.errors import OurError
from workers.cage.protocol import MAX_PACKET_BYTES, WARM_MODULE, Hello, Layer

_ROOT = Path(__file__).parents[2]
_START_SECONDS = 60.0
# A process that forks must have one thread: what another one holds stays locked in the child. NumPy starts one for each
# core, and the jemalloc within Arrow one of its own even where Arrow takes its memory from malloc, as it is to do here:
# mimalloc, its choice, reserves more addresses than a child has.
# https://arrow.apache.org/docs/cpp/env_vars.html https://jemalloc.net/jemalloc.3.html#opt.background_thread
_ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "LC_ALL": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONPATH": str(_ROOT),
}


class CageUnavailable(OurError):
    """The cage does not come up or breaks: our fault, not the file's."""

    title = "The cage is not available"


@dataclass(frozen=True, slots=True)
class WarmProcess:
    """One running `workers.cage.warm`."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    level: tuple[Layer, ...]

    @classmethod
    async def start(cls, work: str) -> Self:
        """Start it in a session of its own and wait for its hello."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = _popen(theirs, work)
        try:
            hello = await _hello(ours)
        except BaseException:
            _end(process, ours)
            raise
        return cls(process, ours, hello.level)

    @property
    def ended(self) -> bool:
        """Whether it is gone, by itself or by us."""
        return self.process.poll() is not None

    def send(self, request: bytes, descriptors: tuple[int, ...]) -> None:
        """Hand a request and its descriptors over; raise OSError where nobody is there."""
        socket.send_fds(self.control, [request], list(descriptors))

    def end(self) -> None:
        """Kill it; the kernel kills its child with it."""
        _end(self.process, self.control)


def _popen(control: socket.socket, work: str) -> subprocess.Popen[bytes]:
    # Not asyncio's: it needs a thread or a watcher of its own for each child on Python 3.11.
    # https://docs.python.org/3.11/library/asyncio-policy.html#asyncio.ThreadedChildWatcher
    descriptor = control.fileno()
    command = [sys.executable, "-m", WARM_MODULE, "--control", str(descriptor), "--service", str(os.getpid())]
    return subprocess.Popen(  # noqa: S603 - our own module
        [*command, "--work", work],
        cwd=_ROOT,
        env=_ENVIRONMENT,
        pass_fds=(descriptor,),
        start_new_session=True,
        stdin=subprocess.DEVNULL,
    )


async def _hello(control: socket.socket) -> Hello:
    control.setblocking(False)  # noqa: FBT003 - the name says it
    try:
        async with asyncio.timeout(_START_SECONDS):
            packet = await asyncio.get_running_loop().sock_recv(control, MAX_PACKET_BYTES)
        return Hello.model_validate_json(packet)
    except (OSError, TimeoutError, ValidationError) as fault:
        raise CageUnavailable("The warm process did not start.") from fault


def _end(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    control.close()
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
        process.wait()  # killed, so this takes no longer than the kernel needs to free its memory
