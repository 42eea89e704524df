"""Watches one child to its end and tells how it ended; it leaves starting it to child.py."""

import contextlib
import os
import resource
import select
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from workers.cage.child import OUT_OF_MEMORY
from workers.cage.protocol import MAX_ANSWER_BYTES, CageLimits, Outcome, Report

_READ_BYTES = 64 * 1024
_FULL = 0.9
"""Share of its memory from which on a child that a signal ends has died of it: PDFium, say, aborts where it is refused.

A single large request that was refused leaves no trace, so it stays a crash.
"""


@dataclass(slots=True)
class _Seen:
    """What was seen of the child while it ran."""

    answer: bytearray
    outcome: Outcome | None = None
    """Why we end it; None where it ended itself."""


def watch(pid: int, answer: int, caller: int, limits: CageLimits) -> tuple[Report, bytes]:
    """Read the child's answer until it ends, its time is up or the caller leaves; leave no process behind."""
    begun = time.monotonic()
    ended = os.pidfd_open(pid)
    try:
        seen = _see(ended, answer, caller, begun + limits.wall_seconds)
    finally:
        os.close(ended)
        # It is not waited for yet, so its number is still its own.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
    report = Report(
        outcome=seen.outcome or _outcome(status, full=_grown(usage) >= _FULL * limits.memory_bytes),
        exit_code=os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        max_rss_bytes=usage.ru_maxrss * 1024,
        seconds=time.monotonic() - begun,
    )
    return report, bytes(seen.answer)


def _see(ended: int, answer: int, caller: int, deadline: float) -> _Seen:
    poller = select.poll()
    poller.register(ended, select.POLLIN)
    poller.register(answer, select.POLLIN)
    poller.register(caller, 0)  # hang-up alone, which is always told
    seen = _Seen(bytearray())
    while True:
        left = deadline - time.monotonic()
        ready = {descriptor for descriptor, _ in poller.poll(max(0, left) * 1000)}
        if left <= 0 or not ready or caller in ready:
            seen.outcome = Outcome.TIMED_OUT
        elif answer in ready:
            _read(answer, poller, seen)
        else:  # it has ended, and its answer was read to the end
            return seen
        if seen.outcome:
            return seen


def _read(answer: int, poller: select.poll, seen: _Seen) -> None:
    chunk = os.read(answer, _READ_BYTES)
    seen.answer += chunk
    if not chunk:
        poller.unregister(answer)
    elif len(seen.answer) > MAX_ANSWER_BYTES:
        seen.outcome = Outcome.OVERLONG
        seen.answer.clear()


def _grown(usage: resource.struct_rusage) -> int:
    """Return by how many bytes the child outgrew this process, of which it was a copy."""
    # Not our own ru_maxrss: that of whoever started us lives on in it, see getrusage(2).
    resident = int(Path("/proc/self/statm").read_text().split()[1])
    return usage.ru_maxrss * 1024 - resident * resource.getpagesize()


def _outcome(status: int, *, full: bool) -> Outcome:
    if os.WIFEXITED(status):
        return {os.EX_OK: Outcome.OK, OUT_OF_MEMORY: Outcome.MEMORY}.get(os.WEXITSTATUS(status), Outcome.CRASHED)
    # Nobody but the kernel, out of memory, kills a child that we did not.
    return {signal.SIGXCPU: Outcome.CPU, signal.SIGKILL: Outcome.MEMORY}.get(
        signal.Signals(os.WTERMSIG(status)), Outcome.MEMORY if full else Outcome.CRASHED
    )
