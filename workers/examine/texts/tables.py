"""CSV and TSV by columns that stay the same from line to line; it leaves their meaning to the describers."""

import csv
import io
from collections.abc import Collection
from itertools import islice

from workers.examine.examination import Claim

_CSV, _TSV = "text/csv", "text/tab-separated-values"
_DELIMITERS = ("\t", ",", ";", "|")
_ROWS = 64
_ROWS_NEEDED = 3
_TAB_NAMES = (".tsv", ".tab")


def look(text: str, claim: Claim, claimed: Collection[str], *, whole: bool) -> str | None:
    """Return the type of a table, None for any other text.

    Where the sender says table, any text may be one, of a single column too. Where the sender says another text, it
    is that. Only without a word from the sender do the columns decide.
    """
    if _CSV in claimed:
        tabs = (claim.filename or "").lower().endswith(_TAB_NAMES) or (claim.declared_type or "").startswith(_TSV)
        return _TSV if tabs else _CSV
    if claimed:
        return None
    lines = text if whole else text[: text.rfind("\n") + 1]
    delimiter = next((one for one in _DELIMITERS if _has_columns(lines, one)), None)
    return {None: None, "\t": _TSV}.get(delimiter, _CSV)


def _has_columns(text: str, delimiter: str) -> bool:
    try:
        rows = list(islice(csv.reader(io.StringIO(text.rstrip()), delimiter=delimiter, strict=True), _ROWS))
    except csv.Error:
        return False
    if len(rows) < _ROWS_NEEDED or len({len(row) for row in rows}) > 1 or len(rows[0]) < 2:  # noqa: PLR2004 - columns
        return False
    return any(row[0] for row in rows) and any(row[-1] for row in rows)
