"""What was found in an office document, on its way to becoming metadata; it leaves the finding to each format."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shared.metadata import OfficeMetadata
from workers.examine.describe import Described

OF_SHEETS = frozenset({"sheets", "hidden_sheets"})
OF_SLIDES = frozenset({"slides"})
_OPTIONAL = frozenset({"title", "author", "language", "application", "created", "modified", "pages", "words"})
_MAX_DIGITS = 15


@dataclass(slots=True)
class Found:
    """Fields by name. `lacking` are those that the format has no place for, `broken` those whose text says nothing."""

    lacking: frozenset[str]
    fields: dict[str, Any] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def tell(self, name: str, text: str | None, read: Callable[[str], Any]) -> None:
        """Set a field that the document may leave out to what its text says."""
        if text:
            self.put(name, read(text))

    def put(self, name: str, value: Any) -> None:
        """Set a field that the document does not leave out; None says that it could not be read."""
        self.fields[name] = value
        if value is None:
            self.broken.add(name)

    def described(self, *warnings: str) -> Described:
        """Return the metadata, with a warning for each field that should have a value and has none."""
        absent = (_OPTIONAL | self.lacking) - self.broken
        return Described.of(OfficeMetadata(**self.fields), *warnings, absent=absent)


def number(text: str) -> int | None:
    """Return a number that a document writes down; None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else None
