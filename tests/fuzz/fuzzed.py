"""Examines one made-up file through the cage and says what is a finding; it leaves making files to edits.py."""

from dataclasses import dataclass
from pathlib import Path

from shared.ingest import Reason
from tests.corpus.examined import RecordingCage
from tests.corpus.items import COMPLETED
from workers.cage.protocol import CageLimits, Outcome
from workers.examine.examination import Examine

LIMITS = CageLimits(memory_bytes=256 * 1024 * 1024, cpu_seconds=2, wall_seconds=6)
ENDING_SECONDS = 2.0
"""What killing a child may take beyond its limit."""

# A crash by a signal is what the cage is for. An exception is our describer's: it should have said "unreadable".
_OURS = frozenset({Reason.PARSER_MISBEHAVED})


@dataclass(frozen=True)
class Fuzzed:
    """What one file came to. `finding` says in a line what is wrong with us, None where nothing is."""

    kind: str
    verdict: str
    finding: str | None
    seconds: float


async def fuzzed(cage: RecordingCage, path: Path, content: bytes) -> Fuzzed:
    """Examine the content without any claims; raise CageUnavailable where the cage itself fails."""
    path.write_bytes(content)
    cage.limits = LIMITS
    warm = cage._warm.process.pid
    found = await cage.examine(path, Examine())
    report = cage.report
    verdict = found.reason or COMPLETED
    if verdict == Reason.PARSER_CRASHED:
        verdict = f"{verdict}, signal {report.signal}" if report.signal else f"{verdict}, exception"
    finding = None
    if cage._warm.process.pid != warm:
        finding = "The warm process did not survive."
    elif report.outcome is Outcome.CRASHED and not report.signal:
        finding = cage.answer.decode(errors="replace")
    elif found.reason in _OURS:
        finding = f"{found.reason}: {found.detail}"
    elif report.seconds > LIMITS.wall_seconds + ENDING_SECONDS:
        finding = f"It took {report.seconds:.1f} seconds."
    return Fuzzed(found.kind or "unknown", verdict, finding, report.seconds)
