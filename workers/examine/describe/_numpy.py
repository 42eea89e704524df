"""NPY and NPZ, by NumPy from the headers alone; it leaves arrays of Python objects pickled."""

import io
import math
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

import numpy as np
from numpy.lib import format as npy

from shared.metadata.data import MAX_ARRAYS, MAX_DIMENSIONS, Array, ArraysMetadata
from workers.examine.describe import Described, Refused, Unreadable
from workers.examine.describe._bounds import BeyondBound

# NumPy reads no longer ones by default: they are Python literals, whose parser is no match for hostile ones.
# https://numpy.org/doc/stable/reference/generated/numpy.lib.format.read_array_header_2_0.html
_MAX_HEADER_BYTES = npy.MAGIC_LEN + 4 + 10_000
_MAX_DIRECTORY_BYTES = 4 * 1024 * 1024
_MAX_MEMBERS = 10_000
_BROKEN = "The content breaks NumPy's format."


@dataclass(frozen=True, slots=True)
class _Header:
    """What stands before an array's numbers; `length` is its own in bytes."""

    version: tuple[int, int]
    shape: tuple[int, ...]
    fortran_order: bool
    dtype: np.dtype[Any]
    length: int

    @property
    def elements(self) -> int:
        return math.prod(self.shape)

    @property
    def pickled(self) -> bool:
        return self.dtype.hasobject

    @property
    def bytes(self) -> int | None:
        """What the numbers take; None for a pickle, which may take anything."""
        return None if self.pickled else self.elements * self.dtype.itemsize

    def array(self, name: str | None) -> Array:
        """Return the array as the metadata lists it."""
        return Array(
            name=name,
            shape=self.shape,
            dtype=str(self.dtype),
            bytes=self.bytes,
            fortran_order=self.fortran_order,
        )


def prepare() -> None:
    """Read a header once, since NumPy imports what it needs for that on first use."""
    target = io.BytesIO()
    np.save(target, np.zeros(1))
    describe_npy(target)


def describe_npy(file: BinaryIO) -> Described:
    """Return the array's shape and type; raise Unreadable where the file is shorter than the header says."""
    end = file.seek(0, io.SEEK_END)
    file.seek(0)
    header = _header(file)
    warning = _fits(header, end)
    metadata = ArraysMetadata(
        format="npy",
        version=".".join(map(str, header.version)),
        arrays=(header.array(None),),
        arrays_total=1,
        elements=header.elements,
        bytes=header.bytes or 0,
        contains_pickle=header.pickled,
    )
    return Described(metadata, warning)


def describe_npz(file: BinaryIO) -> Described:
    """Return each array's shape and type; raise Unreadable where one breaks its format."""
    try:
        with _faults_named(), zipfile.ZipFile(cast("IO[bytes]", _Directory(file))) as archive:
            headers = list(_headers(archive))
    except BeyondBound as bound:
        return Described(ArraysMetadata(format="npz"), (str(bound),))
    metadata = ArraysMetadata(
        format="npz",
        arrays=tuple(header.array(name) for name, header in headers[:MAX_ARRAYS]),
        arrays_total=len(headers),
        elements=sum(header.elements for _, header in headers),
        bytes=sum(header.bytes or 0 for _, header in headers),
        contains_pickle=any(header.pickled for _, header in headers),
    )
    return Described(metadata)


class _Directory(io.RawIOBase):
    """A file whose zip directory is read only where it is small: zipfile reads it at once, a thousandfold in memory."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file

    def read(self, size: int = -1, /) -> bytes:
        most = _MAX_DIRECTORY_BYTES + 1
        chunk = self._file.read(most if size < 0 else min(size, most))
        if len(chunk) == most:
            raise BeyondBound(f"the archive's directory is longer than {_MAX_DIRECTORY_BYTES} bytes")
        return chunk

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def _headers(archive: zipfile.ZipFile) -> Iterator[tuple[str, _Header]]:
    members = archive.infolist()
    if len(members) > _MAX_MEMBERS:
        raise BeyondBound(f"there are more than {_MAX_MEMBERS} arrays")
    for member in members:
        if member.filename.endswith(".npy"):
            with archive.open(member) as unpacked:
                header = _header(unpacked)
            _fits(header, member.file_size)
            yield member.filename.removesuffix(".npy"), header


def _header(file: IO[bytes]) -> _Header:
    head = io.BytesIO(file.read(_MAX_HEADER_BYTES))
    try:
        with _faults_named():
            version, (shape, fortran_order, dtype) = _parsed(head)
    except MemoryError as fault:  # what Python's parser raises where 10 KB of brackets are too deep for it
        raise Unreadable(_BROKEN) from fault
    if len(shape) > MAX_DIMENSIONS or any(length < 0 for length in shape):
        raise Unreadable("The header has no possible shape.")
    return _Header(version, shape, fortran_order, dtype, head.tell())


def _parsed(head: io.BytesIO) -> tuple[tuple[int, int], tuple[tuple[int, ...], bool, np.dtype[Any]]]:
    version = npy.read_magic(head)
    if version == (1, 0):
        return version, npy.read_array_header_1_0(head)
    if version not in {(2, 0), (3, 0)}:
        raise Unreadable(f"NPY has no version {version[0]}.{version[1]} that we know.")
    shape, fortran_order, dtype = npy.read_array_header_2_0(head)
    if version == (3, 0) and dtype.names:  # it differs from 2.0 in that names are UTF-8, not Latin-1
        dtype.names = tuple(name.encode("latin1").decode() for name in dtype.names)
    return version, (shape, fortran_order, dtype)


def _fits(header: _Header, size: int) -> tuple[str, ...]:
    """Return a warning where more follows than the header says; raise Unreadable where less does."""
    surplus = size - header.length - (header.bytes or 0)
    if surplus < 0:
        raise Unreadable(f"The content is cut: {-surplus} bytes are missing.")
    return (f"{surplus} bytes follow the array",) if surplus and not header.pickled else ()


@contextmanager
def _faults_named() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of headers that Python 2 wrote
        try:
            yield
        except (MemoryError, PermissionError, Refused, BeyondBound):  # the cage's doing, or already in words
            raise
        except Exception as fault:  # what zipfile, zlib and literals raise on broken bytes has no common name
            raise Unreadable(_BROKEN) from fault
