"""`python -m deploy.reference`: writes the pages that the code itself can tell; a test compares them with it.

These are the errors, the reasons, the kinds with their fields, the event's schema and `.env.example`.
"""

import inspect
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from deploy.env_example import env_example
from shared import errors
from shared.events import SCHEMA_PATH, Event
from shared.ingest import REASONS
from shared.media_types import FAMILIES
from shared.metadata import Metadata

ROOT = Path(__file__).parents[1]
_WITHIN = {
    errors.LeaseLost,
    errors.DuplicateIngest,
    errors.StoredBytesDiffer,
    errors.StoredBytesMissing,
    errors.DeliveryRefused,
}
"""Faults that never reach a sender."""
_BASES = {errors.SenderError, errors.OurError}


def pages() -> Mapping[str, str]:
    """Return each page's path below the project's folder, with its text."""
    errors_page = _with_section((ROOT / "docs/errors.md").read_text(), "errors", _errors_table())
    return {
        ".env.example": env_example(),
        "docs/errors.md": _with_section(errors_page, "reasons", _reasons_table()),
        "docs/kinds.md": _with_section((ROOT / "docs/kinds.md").read_text(), "kinds", "\n\n".join(_kinds())),
        f"docs{SCHEMA_PATH}": json.dumps(Event.model_json_schema(), indent=2) + "\n",
    }


def _with_section(page: str, name: str, text: str) -> str:
    begin, end = f"<!-- {name}: generated -->", f"<!-- {name}: end -->"
    changed, count = re.subn(f"{begin}.*{end}", lambda _: f"{begin}\n{text}\n{end}", page, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"A page has no place for {name}: {begin} … {end}")
    return changed


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("|".join(("", *(f" {cell} " for cell in line), "")).replace("| --- ", "|---") for line in lines)


def _errors_table() -> str:
    classes = [found for _, found in inspect.getmembers(errors, inspect.isclass)]
    faults = [c for c in classes if issubclass(c, errors.IngestionError) and c not in _WITHIN | _BASES]
    faults.sort(key=lambda fault: (fault.status, fault.code))
    return _table(("code", "status", "what to do"), [(f"`{f.code}`", str(f.status), f.remedy) for f in faults])


def _reasons_table() -> str:
    return _table(("code", "means"), [(f"`{reason}`", text) for reason, text in REASONS.items()])


def _kinds() -> Iterator[str]:
    for model in get_args(get_args(Metadata)[0]):
        kind = model.model_fields["kind"].default
        types = sorted({name for family in FAMILIES if family.kind == kind for name in family.media_types})
        about = " ".join((model.__doc__ or "").split())
        yield f"## {kind}\n\n{about}\n\n{_fields(model)}\n\nTypes: {', '.join(f'`{name}`' for name in types)}."


def _fields(model: type[BaseModel]) -> str:
    schema = model.model_json_schema()
    parts = [f"{name}:\n\n{_fields_table(part)}" for name, part in schema.get("$defs", {}).items()]
    return "\n\n".join((_fields_table(schema), *parts))


def _fields_table(schema: dict[str, Any]) -> str:
    properties = {name: each for name, each in schema["properties"].items() if name != "kind"}
    rows = [(f"`{name}`", _shape(each), each.get("description", "")) for name, each in properties.items()]
    return _table(("field", "is", "says"), rows) if rows else "It has no fields of its own."


def _shape(schema: dict[str, Any]) -> str:
    """Return a schema's shape in a word or two; null is said by absence."""
    if "anyOf" in schema:
        return " or ".join(_shape(each) for each in schema["anyOf"] if each.get("type") != "null")
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if schema.get("type") == "array":
        most = f" (at most {schema['maxItems']})" if "maxItems" in schema else ""
        return f"list of {_shape(schema['items'])}{most}"
    return str(schema.get("format") or schema.get("type", "any"))


if __name__ == "__main__":
    for path, text in pages().items():
        (ROOT / path).write_text(text)
