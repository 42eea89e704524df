"""What an archive has shown so far, held to the limits with every entry; it leaves reading to each format."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

from shared.ingest import Reason
from shared.metadata import MAX_ENTRY_NAMES, ArchiveMetadata
from workers.examine.describe import Described, Refused
from workers.examine.describe._archives.heads import Head, named_as_archive
from workers.examine.describe._archives.limits import MAX_ENTRIES, Budget, bomb, check_ratio, unsafe
from workers.examine.describe._archives.names import parts_of

_MAX_WARNINGS = 8


@dataclass(slots=True)
class Tally:
    """One archive's numbers. Readers add to them and set what stands in the archive's own headers."""

    format: str
    packed_bytes: int
    budget: Budget
    look: "Callable[[io.BytesIO, str], Tally] | None" = None
    """Reads an archive within this one; None within it, so that nothing is opened two levels down."""

    encrypted: bool = False
    comment: bool = False
    multi_volume: bool = False
    declared: bool = False
    """Whether sizes are the archive's own claim."""
    closed: str | None = None
    """Why nothing could be listed."""
    entries: int = 0
    folders: int = 0
    symlinks: int = 0
    nested: int = 0
    depth: int = 0
    unpacked_bytes: int = 0
    streamed: int = 0
    """Bytes that came out of a compressed file: a tar's headers are among them."""
    cut: bool = False
    """Whether the budget was spent before the end."""
    uncounted: int = 0
    """Entries whose bytes could not be counted."""
    unopened: int = 0
    """Nested archives that were not looked into, or not to their end."""
    warnings: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    _nested_bytes: int = 0
    _seen: dict[int, bool] = field(default_factory=dict)
    _links: set[int] = field(default_factory=set)

    def enter(self, name: str, *, folder: bool = False, link: bool = False) -> tuple[str, ...]:
        """Count an entry and return the steps of its path; raise Refused where it is one too many or unsafe."""
        self.entries += 1
        if self.entries > MAX_ENTRIES:
            raise bomb(f"It holds more than {MAX_ENTRIES} entries.")
        self.budget.spend()
        parts = parts_of(name)
        self._place(parts, folder=folder, link=link)
        self.folders += folder
        self.symlinks += link
        self.depth = max(self.depth, len(parts))
        if len(self.names) < MAX_ENTRY_NAMES:
            self.names.append(name)
        return parts

    def _place(self, parts: tuple[str, ...], *, folder: bool, link: bool) -> None:
        """Raise Refused where the place is taken or lies behind a link. Only a folder may come twice."""
        if not parts and not folder:
            raise unsafe("An entry has no name.")
        # Hashes, since paths may be long: two of 64 bits are equal by chance in one of 10^9 archives of MAX_ENTRIES.
        *above, place = accumulate(parts, lambda folder, part: hash((folder, part)), initial=0)
        if place in self._seen and not (folder and self._seen[place]):
            raise unsafe("Two entries have one name.")
        if self._links and not self._links.isdisjoint(above):
            raise unsafe("An entry lies behind a link.")
        self._seen[place] = folder
        if link:
            self._links.add(place)

    def count(self, unpacked: int) -> None:
        """Add an entry's bytes; raise Refused where they are too many for the archive's size."""
        self.unpacked_bytes += unpacked
        check_ratio(self.unpacked_bytes + self._nested_bytes, self.packed_bytes)

    def judge_by_name(self, name: str) -> None:
        """Take note of an entry whose content is not looked at."""
        if named_as_archive(name):
            self.nested += 1
            self.unopened += 1

    def look_into(self, head: Head) -> None:
        """Take note of what an entry begins with, and read it too where it is an archive, one level down."""
        if head.format is None:
            return
        self.nested += 1
        if self.look is None:
            return
        if head.cut:
            self.unopened += 1
            return
        try:
            inner = self.look(io.BytesIO(head.data), head.format)
        except Refused as fault:
            if fault.reason is Reason.ARCHIVE_BOMB:
                raise bomb(f"A nested archive is a bomb: {fault}") from fault
            self._warn(f"a nested archive is at fault: {fault}")
        else:
            self._add_nested(inner)

    def _add_nested(self, inner: "Tally") -> None:
        self.unopened += inner.cut
        self._nested_bytes += inner.unpacked_bytes
        self.count(0)
        if inner.nested:  # nobody counts what lies two levels down, so the ratio alone decides
            check_ratio(self._nested_bytes, self.packed_bytes, floor=0)

    def _warn(self, text: str) -> None:
        if len(self.warnings) < _MAX_WARNINGS:
            self.warnings.append(text)

    def described(self) -> Described:
        """Return the metadata."""
        told = {"format": self.format, "packed_bytes": self.packed_bytes, "encrypted": self.encrypted}
        if self.closed:
            return Described(ArchiveMetadata(**told, multi_volume=self.multi_volume), (self.closed,))
        metadata = ArchiveMetadata(
            **told,
            unpacked_bytes=self.unpacked_bytes,
            unpacked_is=self._basis(),
            ratio=round(self.unpacked_bytes / self.packed_bytes, 3),
            entries=self.entries,
            files=self.entries - self.folders - self.symlinks,
            folders=self.folders,
            symlinks=self.symlinks,
            nested=self.nested,
            depth=self.depth,
            comment=self.comment,
            multi_volume=self.multi_volume,
            names=tuple(self.names),
        )
        return Described(metadata, (*self._told(), *self.warnings))

    def _basis(self) -> Literal["counted", "declared", "at_least"]:
        if self.cut or self.uncounted:
            return "at_least"
        return "declared" if self.declared else "counted"

    def _told(self) -> list[str]:
        told = {
            "counting stopped at its bound, so unpacked_bytes is a lower bound": self.cut,
            f"entries that could not be read and are not counted: {self.uncounted}": self.uncounted,
            f"nested archives that were not looked into, or not to their end: {self.unopened}": self.unopened,
        }
        return [text for text, is_so in told.items() if is_so]
