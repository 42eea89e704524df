"""A case of the conformance suite: one sentence of a specification, and how a server is held to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.conformance.server import Server

MUST, SHOULD, MAY = "MUST", "SHOULD", "MAY"
"""What the specification says of it (RFC 2119); MAY is also what clients count on beyond it."""

Check = Callable[..., None]


@dataclass(frozen=True)
class Case:
    """One case. Its name begins with the HTTP verb; `run` raises AssertionError or httpx's errors if it is not met."""

    extension: str
    section: str
    level: str
    name: str
    run: Callable[[Server], None]


CASES: list[Case] = []
"""All cases, in the order of the specification's sections."""


@dataclass(frozen=True)
class Section:
    """A section of a specification, whose sentences are added to CASES by decorators."""

    extension: str
    title: str

    def must(self, check: Check) -> Check:
        """Add a case."""
        return self._added(MUST, check)

    def should(self, check: Check) -> Check:
        """Add a case."""
        return self._added(SHOULD, check)

    def may(self, check: Check) -> Check:
        """Add a case."""
        return self._added(MAY, check)

    def each(self, level: str, **rows: Any) -> Callable[[Check], Check]:
        """Add a case for each row, named by it; the check takes the row after the server."""

        def added(check: Check) -> Check:
            for name, row in rows.items():
                self._added(level, check, name, row)
            return check

        return added

    def _added(self, level: str, check: Check, row_name: str = "", *row: Any) -> Check:
        name = check.__name__ + (f"[{row_name}]" if row_name else "")
        CASES.append(Case(self.extension, self.title, level, name, lambda server: check(server, *row)))
        return check
