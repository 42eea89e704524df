"""The warm process: has every parser loaded and forks a child for each file; it touches no file's bytes itself.

Run by cage.py as `python -m workers.cage.warm --control N --service PID`.
"""

import argparse
import contextlib
import importlib
import os
import socket
from typing import cast

from workers.cage import child, confinement
from workers.cage.protocol import EXAMINE, MAX_PACKET_BYTES, Hello, Request
from workers.cage.watch import watch


def main() -> None:
    """Load the work, say hello and serve one request after the other until the service leaves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--control", type=int, required=True, help="descriptor of the socket to the service")
    parser.add_argument("--service", type=int, required=True, help="pid of the service, with which this ends")
    parser.add_argument("--work", default=EXAMINE, help="module:function that turns a file into an answer")
    options = parser.parse_args()
    work = _load(options.work)
    level = confinement.settle()
    confinement.die_with(options.service)  # after settling: a new user namespace forgets it, see prctl(2)
    with socket.socket(fileno=options.control) as control:
        control.send(Hello(level=level).model_dump_json().encode())
        while _serve(control, work):
            pass


def _load(name: str) -> child.Work:
    module_name, _, function = name.partition(":")
    module = importlib.import_module(module_name)
    module.prepare()
    return cast("child.Work", getattr(module, function))


def _serve(control: socket.socket, work: child.Work) -> bool:
    """Serve one request; say whether there was one."""
    packet, descriptors, _, _ = socket.recv_fds(control, MAX_PACKET_BYTES, 2)
    if not packet:
        return False
    file, caller = descriptors
    with socket.socket(fileno=caller) as reply:
        try:
            _work_and_report(Request.model_validate_json(packet), work, file, reply)
        finally:
            os.close(file)
    return True


def _work_and_report(request: Request, work: child.Work, file: int, reply: socket.socket) -> None:
    answer, answer_end = os.pipe()
    try:
        pid = child.start(work, request, file, answer_end)
        os.close(answer_end)
        report, text = watch(pid, answer, reply.fileno(), request.limits)
    finally:
        os.close(answer)
    with contextlib.suppress(BrokenPipeError):  # the caller has left
        reply.sendall(report.model_dump_json().encode() + b"\n" + text)


if __name__ == "__main__":
    main()
