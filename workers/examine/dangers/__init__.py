"""Finds dangers in a content, one module for each beside this one; it leaves deciding on them to shared/policy.py."""

from itertools import chain, islice

from shared.findings import MAX_FINDINGS, Finding
from workers.examine.content import Content
from workers.examine.dangers import (
    active_content,
    executable,
    hidden_markup,
    hidden_pdf,
    hidden_script,
    hidden_zip,
    script,
    trailer,
)

_FINDERS = (
    executable.find,
    script.find,
    active_content.find,
    hidden_script.find,
    hidden_markup.find,
    hidden_pdf.find,
    hidden_zip.find,
    trailer.find,
)
"""In the order in which reasons are told: programs, scripts, active content, polyglots."""


def find(content: Content, media_type: str) -> tuple[Finding, ...]:
    """Return what may harm whoever opens this content of that type; it never raises for what the bytes say."""
    found = chain.from_iterable(one(content, media_type) for one in _FINDERS)
    return tuple(islice(found, MAX_FINDINGS))
