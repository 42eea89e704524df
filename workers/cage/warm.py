"""The warm process: has every parser loaded and keeps a child ready for the next file, whose bytes it never reads.

Run by cage.py as `python -m workers.cage.warm --control N --service PID`.
"""

import argparse
import contextlib
import importlib
import os
import socket
from typing import cast

from workers.cage import child, confinement
from workers.cage.protocol import MAX_PACKET_BYTES, WORK, Hello, Request
from workers.cage.watch import watch


def main() -> None:
    """Load the work, say hello and serve one request after the other until the service leaves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--control", type=int, required=True, help="descriptor of the socket to the service")
    parser.add_argument("--service", type=int, required=True, help="pid of the service, with which this ends")
    parser.add_argument("--work", default=WORK, help="module that turns a file into an answer")
    options = parser.parse_args()
    work = _load(options.work)
    level = confinement.settle()
    confinement.die_with(options.service)  # after settling: a new user namespace forgets it, see prctl(2)
    with socket.socket(fileno=options.control) as control:
        control.send(Hello(level=level).model_dump_json().encode())
        ready: child.Child | None = child.start(work)
        while ready:
            ready = _serve(control, ready, work)


def _load(name: str) -> child.Work:
    work = cast("child.Work", importlib.import_module(name))
    work.prepare()
    work.rehearse()
    return work


def _serve(control: socket.socket, ready: child.Child, work: child.Work) -> child.Child | None:
    """Serve one request by a child that is ready before it comes; return the next one, None where nobody asks."""
    with ready.orders:
        packet, descriptors, _, _ = socket.recv_fds(control, MAX_PACKET_BYTES, 2)
        if not packet:
            return None
        file, caller = descriptors
        with socket.socket(fileno=caller) as reply, os.fdopen(file, "rb", buffering=0):
            return _work_and_report(ready, packet, file, reply, work)


def _work_and_report(
    worker: child.Child, packet: bytes, file: int, reply: socket.socket, work: child.Work
) -> child.Child:
    """Report on one file; return the child for the next, which gets ready while this one works."""
    limits = Request.model_validate_json(packet).limits
    answer, answer_end = os.pipe()
    try:
        handed = worker.hand(packet, file, answer_end)
        os.close(answer_end)
        following = child.start(work)
        report, text = watch(worker.pid, answer, reply.fileno(), limits)
    finally:
        os.close(answer)
    if not handed or not worker.began():  # it died while it waited: silence tells the service to ask again
        return following
    with contextlib.suppress(BrokenPipeError):  # the caller has left
        reply.sendall(report.model_dump_json().encode() + b"\n" + text)
    return following


if __name__ == "__main__":
    main()
