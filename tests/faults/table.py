"""The storm's table in Markdown: faults by kind, and uploads; it leaves the figures to the checker."""

from collections import Counter

from tests.faults.checker import figures
from tests.faults.evidence import Evidence


def table(evidence: Evidence) -> str:
    """Return the table."""
    faults = Counter(fault["kind"] for fault in evidence.faults)
    counted = figures(evidence)
    times = [(name, f"{getattr(counted, name):.2f} s") for name in ("p50", "p99", "worst")]
    rows = [
        ("fault", "times"),
        ("---", "---:"),
        *sorted(faults.items()),
        ("**all**", f"**{faults.total()}**"),
        *((f"uploads {name}", getattr(counted, name)) for name in ("accepted", "refused", "lost", "doubled")),
        *((f"receipt to final state, {name}", seconds) for name, seconds in times),
    ]
    return "\n".join(f"| {name} | {value} |" for name, value in rows)
