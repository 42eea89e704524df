"""A benchmark's outcome and where it goes: terminal, JSON, docs/performance.md; it leaves the figures to benchmarks."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.plot import bar_chart
from deploy.local.stack import ROOT

RESULTS = ROOT / "bench" / "results"
PAGE = ROOT / "docs" / "performance.md"


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, the shorter the better."""

    title: str
    bars: dict[str, float]


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured: a table for people, every single figure for machines."""

    name: str
    method: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    figures: dict[str, Any]
    chart: Chart | None = None
    place: str = ""
    load: float = 0.0


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table that reads well on a terminal too."""
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    lines = [columns, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def verdict(value: float, limit: float, unit: str) -> str:
    """Say whether a figure keeps its goal, and which that is."""
    return f"{'kept' if value <= limit else 'MISSED'}: ≤ {limit:g} {unit}"


def at_least(value: float, limit: float, unit: str) -> str:
    """Say the same of a figure that the more is the better."""
    return f"{'kept' if value >= limit else 'MISSED'}: ≥ {limit:g} {unit}"


def save(report: Report) -> None:
    """Write the JSON and the chart, and the report's section of the page."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{report.name}.json").write_text(json.dumps(asdict(report), indent=2, ensure_ascii=False) + "\n")
    if report.chart:
        (PAGE.parent / _chart_name(report)).write_text(bar_chart(report.chart.title, report.chart.bars))
    PAGE.write_text(_with_section(PAGE.read_text(), report))


def _with_section(page: str, report: Report) -> str:
    """Return the page with the text between the report's markers replaced. Raise ValueError where there are none."""
    begin, end = f"<!-- {report.name}: generated -->", f"<!-- {report.name}: end -->"
    section = f"{begin}\n{_section(report)}\n{end}"
    changed, count = re.subn(f"{re.escape(begin)}.*{re.escape(end)}", lambda _: section, page, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"{PAGE} has no place for {report.name}: {begin} … {end}")
    return changed


def _section(report: Report) -> str:
    parts = [report.method, table(report.columns, report.rows)]
    if report.chart:
        parts.append(f"![{report.chart.title}]({_chart_name(report)})")
    parts.append(f"Measured on: {report.place}; load {report.load:.2f} at the start.")
    return "\n\n".join(parts)


def _chart_name(report: Report) -> str:
    return f"performance-{report.name}.svg"
