"""All cases, by extension, and what a server makes of them; it leaves printing to `__main__`."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import httpx

from tests.conformance import (  # noqa: F401  (each adds its cases, in this order)
    browsers,
    checksum,
    concatenation,
    core,
    core_patch,
    creation,
    creation_variants,
    expiration,
    termination,
)  # fmt: skip
from tests.conformance.case import CASES, Case
from tests.conformance.server import Server

OUTSIDE_EXTENSIONS = frozenset({"core", "browsers"})
"""What a server does not announce."""


class Outcome(StrEnum):
    """What became of a case."""

    PASSED = "passed"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True)
class Result:
    """A case on one server."""

    case: Case
    outcome: Outcome
    reason: str = ""


def results(server: Server) -> Iterator[Result]:
    """Run every case whose extension the server announces."""
    announced = server.extensions | OUTSIDE_EXTENSIONS
    for case in CASES:
        yield _result(case, server) if case.extension in announced else Result(case, Outcome.UNSUPPORTED)


def _result(case: Case, server: Server) -> Result:
    try:
        case.run(server)
    except (AssertionError, OSError, httpx.HTTPError, ValueError) as error:
        return Result(case, Outcome.FAILED, f"{type(error).__name__}: {error}")
    return Result(case, Outcome.PASSED)
