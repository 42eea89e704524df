"""HDF5, by h5py, group by group; it leaves data unread and follows no link but hard ones, each object once."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import h5py
from h5py import h5a, h5g, h5l, h5o

from shared.metadata.data import MAX_ARRAYS, Array, ArraysMetadata
from shared.metadata.fields import UNCOUNTED
from workers.examine.describe import Described, Refused, Unreadable
from workers.examine.describe._bounds import BeyondBound

_MAX_LINKS = 10_000
_MAX_PATH_CHARACTERS = 1000


@dataclass(slots=True)
class _Seen:
    """What the walk has found so far."""

    arrays: list[Array] = field(default_factory=list)
    arrays_total: int = 0
    elements: int = 0
    bytes: int = 0
    groups: int = 0
    external: bool = False
    links: int = 0
    visited: set[int] = field(default_factory=set)
    """Addresses of objects: more than one hard link may lead to each, in a circle too."""


def prepare() -> None:
    """Walk through a file of our own, since h5py looks some things up on first use."""
    target = io.BytesIO()
    with h5py.File(target, "w") as file:
        file.create_dataset("group/array", data=[0.0], compression="gzip").attrs["name"] = "value"
    describe(target)


def describe(file: BinaryIO) -> Described:
    """Return data sets and groups; raise Unreadable where a part that tells of them is broken."""
    file.seek(0)
    seen, warnings, whole = _Seen(), [], True
    try:
        with _faults_named(), h5py.File(file, "r") as opened:
            _walk(opened, seen)
    except BeyondBound as bound:
        warnings.append(str(bound))
        whole = False
    if seen.external:
        warnings.append("it points to other files, which were not looked at")
    if max(seen.elements, seen.bytes) >= UNCOUNTED:
        warnings.append("it declares more than can be counted")
    metadata = ArraysMetadata(
        format="hdf5",
        arrays=tuple(seen.arrays),
        arrays_total=seen.arrays_total if whole else None,
        elements=_told(seen.elements) if whole else None,
        bytes=_told(seen.bytes) if whole else None,
        groups=seen.groups if whole else None,
        external=seen.external if whole or seen.external else None,
    )
    return Described(metadata, tuple(warnings))


@contextmanager
def _faults_named() -> Iterator[None]:
    try:
        yield
    except (MemoryError, PermissionError, Refused, BeyondBound):  # the cage's doing, or already in words
        raise
    except Exception as fault:  # HDF5's errors become whichever of Python's h5py finds nearest
        raise Unreadable(f"The content breaks HDF5's format: {_reason(str(fault))}.") from fault


def _reason(message: str) -> str:
    """Return what HDF5 gives in brackets as its reason, without its figures."""
    return message.partition("(")[2].partition(":")[0].rstrip(")") or "it cannot be read"


def _walk(root: Any, seen: _Seen) -> None:
    seen.visited.add(h5o.get_info(root.id).addr)
    waiting: list[tuple[str, Any]] = [("", root.id)]
    while waiting:
        path, group = waiting.pop()
        for name in _names(group, seen):
            child = f"{path}/{name.decode(errors='replace')}"[:_MAX_PATH_CHARACTERS]
            if found := _group_at(group, name, child, seen):
                waiting.append((child, found))


def _names(group: Any, seen: _Seen) -> list[bytes]:
    """Return the names in a group, in their order; raise BeyondBound where there are too many."""
    names: list[bytes] = []

    def note(name: bytes) -> bool | None:
        seen.links += 1
        names.append(name)
        return True if seen.links > _MAX_LINKS else None  # anything but None ends the iteration

    group.links.iterate(note)
    if seen.links > _MAX_LINKS:
        raise BeyondBound(f"there are more than {_MAX_LINKS} links, so arrays could not be counted")
    return names


def _group_at(group: Any, name: bytes, path: str, seen: _Seen) -> Any:
    """See one link; return its group, where it leads to one that was not seen before."""
    link = group.links.get_info(name).type
    if link != h5l.TYPE_HARD:
        seen.external |= link == h5l.TYPE_EXTERNAL
        return None
    about = h5o.get_info(group, name)
    if about.addr in seen.visited:
        return None
    seen.visited.add(about.addr)
    if about.type == h5o.TYPE_GROUP:
        seen.groups += 1
        return h5g.open(group, name)
    if about.type == h5o.TYPE_DATASET:
        _see_dataset(h5py.Dataset(h5o.open(group, name)), path, seen)
    return None


def _told(count: int) -> int | None:
    """Return a count that JSON can carry: space that was never written costs a file nothing, however much it is."""
    return count if count < UNCOUNTED else None


def _see_dataset(dataset: Any, path: str, seen: _Seen) -> None:
    seen.arrays_total += 1
    seen.external |= bool(dataset.is_virtual or dataset.external)
    elements = dataset.size or 0
    size = None if dataset.dtype.hasobject else elements * dataset.dtype.itemsize
    seen.elements += elements
    seen.bytes += size or 0
    if len(seen.arrays) < MAX_ARRAYS:
        seen.arrays.append(
            Array(
                name=path,
                shape=dataset.shape if elements < UNCOUNTED else None,
                dtype="string" if h5py.check_string_dtype(dataset.dtype) else str(dataset.dtype),
                bytes=None if size is None else _told(size),
                compression=dataset.compression,
                attributes=h5a.get_num_attrs(dataset.id),
            )
        )
