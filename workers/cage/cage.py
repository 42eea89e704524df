"""A service's side of the cage: hands files in and turns every end of a child into a value; it parses nothing."""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from shared import metrics
from shared.ingest import Reason
from shared.metadata.fields import clean
from workers.cage.layers import CageTooWeak, weigh
from workers.cage.protocol import SO_FAR, WORK, CageLimits, Layer, Outcome, Report, Request
from workers.cage.warm_process import CageUnavailable, WarmProcess
from workers.examine.examination import MAX_WARNINGS, Examination, Examine, MakePreview, Question

_GRACE_SECONDS = 5.0
_READ_BYTES = 256 * 1024
_ATTEMPTS = 2

_REASONS = {
    Outcome.CRASHED: Reason.PARSER_CRASHED,
    Outcome.MEMORY: Reason.PARSER_MEMORY,
    Outcome.CPU: Reason.PARSER_TIMEOUT,
    Outcome.TIMED_OUT: Reason.PARSER_TIMEOUT,
    Outcome.OVERLONG: Reason.PARSER_MISBEHAVED,
}


@dataclass(slots=True)
class Cage:
    """Examines one file at a time in a child of a warm process, which it starts anew whenever that is gone.

    To be used within one event loop, whose thread starts the warm process and thereby decides on its life.
    """

    limits: CageLimits = field(default_factory=CageLimits)
    preview_limits: CageLimits = field(default_factory=lambda: CageLimits(cpu_seconds=5, wall_seconds=10))
    logger: logging.Logger = field(default_factory=lambda: logging.getLogger(__name__))
    work: str = WORK
    required: frozenset[Layer] = frozenset()
    """The layers without which no file is examined."""
    _warm: WarmProcess | None = field(default=None, init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def __aenter__(self) -> Self:
        """Start the warm process; raise CageUnavailable where it does not come up, CageTooWeak without a layer."""
        await self._warmed()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it, and with it any child."""
        if self._warm:
            self._warm.end()

    @property
    def level(self) -> tuple[Layer, ...]:
        """The layers that hold the children; empty while nothing runs."""
        return self._warm.level if self._warm else ()

    async def examine(self, file: int | Path, question: Examine) -> Examination:
        """Return what the file is, or the reason why the parser had to be ended.

        A descriptor given is left open, and its position moves. Raise CageUnavailable where the cage itself fails.
        """
        report, answer = await self._asked(file, question, self.limits)
        examination = _examination(report, answer)
        if report.outcome is not Outcome.OK or examination.reason in _REASONS.values():
            self._tell(report, answer)
        return examination

    async def preview(self, file: int | Path, question: MakePreview) -> bytes:
        """Return a small picture of the file as WebP, empty where none can be made. Otherwise as `examine`."""
        report, answer = await self._asked(file, question, self.preview_limits)
        if report.outcome is Outcome.OK and (not answer or _is_webp(answer)):
            return answer
        self._tell(report, answer)
        return b""

    def _tell(self, report: Report, answer: bytes) -> None:
        # The fault's own words may hold a path: they are for operators alone.
        fault = "" if report.outcome is Outcome.OK else clean(answer.rpartition(SO_FAR)[2].decode(errors="replace"))
        facts = {"report": report.model_dump(mode="json"), "fault": fault}
        self.logger.warning("a parser failed in the cage", extra=facts)

    async def _asked(self, file: int | Path, question: Question, limits: CageLimits) -> tuple[Report, bytes]:
        request = Request(question=question, limits=limits).model_dump_json().encode()
        async with self._turn:
            with _opened(file) as descriptor:
                report, answer = await self._answered(descriptor, request, limits)
        _count(question, report)
        return report, answer

    async def _answered(self, file: int, request: bytes, limits: CageLimits) -> tuple[Report, bytes]:
        for _ in range(_ATTEMPTS):
            warm = await self._warmed()
            try:
                async with asyncio.timeout(limits.wall_seconds + _GRACE_SECONDS):
                    line, _, answer = (await _exchange(warm, request, file)).partition(b"\n")
                return Report.model_validate_json(line), answer
            except (OSError, TimeoutError, ValidationError) as fault:
                warm.end()
                self.logger.warning("the warm process failed", extra={"fault": repr(fault)})
        raise CageUnavailable(f"The warm process failed {_ATTEMPTS} times on one file.")

    async def _warmed(self) -> WarmProcess:
        if self._warm is None or self._warm.ended:
            self._warm = await WarmProcess.start(self.work)
            self.logger.info("the cage is warm", extra={"confinement": "+".join(self._warm.level)})
            try:
                weigh(self._warm.level, self.required)
            except CageTooWeak:
                self._warm.end()
                raise
        return self._warm


def _count(question: Question, report: Report) -> None:
    metrics.cage_ends.labels(question.ask, report.outcome).inc()
    metrics.cage_seconds.labels(question.ask).observe(report.seconds)
    metrics.cage_peak.labels(question.ask).observe(report.max_rss_bytes)


@contextlib.contextmanager
def _opened(file: int | Path) -> Iterator[int]:
    if isinstance(file, int):
        yield file
        return
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


async def _exchange(warm: WarmProcess, request: bytes, file: int) -> bytes:
    """Return all that comes back; leaving early closes our end, which calls the work off."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            warm.send(request, (file, theirs.fileno()))
        ours.setblocking(False)  # noqa: FBT003 - the name says it
        answer = bytearray()
        while chunk := await asyncio.get_running_loop().sock_recv(ours, _READ_BYTES):
            answer += chunk
    return bytes(answer)


def _examination(report: Report, answer: bytes) -> Examination:
    """Return the answer; where the work ended early the one before it, if there was one, with a warning."""
    reason = _REASONS.get(report.outcome)
    first, looked_further, last = answer.partition(SO_FAR)
    try:
        found = Examination.model_validate_json(first)
        if not reason:
            return Examination.model_validate_json(last) if looked_further else found
        if looked_further:
            warning = f"a closer look at it was ended: {reason}"
            return found.model_copy(update={"warnings": (*found.warnings[: MAX_WARNINGS - 1], warning)})
    except ValidationError:
        if not reason:
            return Examination(reason=Reason.PARSER_MISBEHAVED, detail="The answer is not of its schema.")
    return Examination(reason=reason, detail=_ending(report))


def _is_webp(answer: bytes) -> bool:
    """Say whether the bytes are one whole RIFF file of that form: RFC 9649, section 2.3."""
    size = int.from_bytes(answer[4:8], "little")
    return (answer[:4], size, answer[8:12]) == (b"RIFF", len(answer) - 8, b"WEBP")


def _ending(report: Report) -> str:
    facts = {
        "outcome": report.outcome,
        "signal": report.signal,
        "exit code": report.exit_code,
        "seconds": round(report.seconds, 1),
        "peak bytes": report.max_rss_bytes,
    }
    return ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
