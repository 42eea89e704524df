"""Data files that lie, loop, or would run code or open other files when loaded."""

import io
import json
import pickle
import sqlite3
import struct
from dataclasses import dataclass

import h5py

from tests.corpus.formats.zeros import GIB
from tests.corpus.formats.zips import Entry, archive
from tests.corpus.good import data
from tests.corpus.hostile.archives import bomb
from tests.corpus.items import COMPLETED, hostile
from tests.corpus.trap import Trap

UNREADABLE, BOMB = "unreadable", "archive_bomb"


@dataclass(frozen=True)
class _Opener:
    """An object whose pickle opens a file when it is loaded."""

    path: str

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (open, (self.path,))


def npy(header: str, content: bytes = b"", length: int | None = None) -> bytes:
    """Return a NumPy file with this header."""
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text) if length is None else length) + text + content


@hostile("a NumPy array of pickled objects", "array.npy", COMPLETED, told={"contains_pickle": True})
def pickled(trap: Trap) -> bytes:
    return npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", pickle.dumps([_Opener(trap.secret)]))


@hostile("a NumPy array whose header is code", "array.npy", UNREADABLE)
def code() -> bytes:
    return npy("__import__('os').system('true') or {'descr': '<f4', 'fortran_order': False, 'shape': (1,)}")


@hostile("a NumPy array of 2^180 values", "array.npy", UNREADABLE)
def vast_array() -> bytes:
    return npy(f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({2**60}, {2**60}, {2**60}), }}")


@hostile("a NumPy array of negative shape", "array.npy", UNREADABLE)
def negative_array() -> bytes:
    return npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 3), }")


@hostile("a NumPy header of brackets 30000 deep", "array.npy", UNREADABLE)
def deep_header() -> bytes:
    text = ("(" * 30_000 + ")" * 30_000).encode()
    return b"\x93NUMPY\2\0" + struct.pack("<I", len(text)) + text


@hostile("a NumPy header longer than the file", "array.npy", UNREADABLE)
def long_header() -> bytes:
    return b"\x93NUMPY\2\0" + struct.pack("<I", 2**32 - 1) + b"{'descr': '<f8'"


@hostile("a NumPy type of 10000 fields", "array.npy", COMPLETED, UNREADABLE)
def many_fields() -> bytes:
    fields = ", ".join(f"('f{n}', '<f4')" for n in range(10_000))
    text = f"{{'descr': [{fields}], 'fortran_order': False, 'shape': (1,), }}\n".encode()
    return b"\x93NUMPY\2\0" + struct.pack("<I", len(text)) + text


@hostile("NumPy arrays of a gigabyte of zeros in an archive of one megabyte", "arrays.npz", UNREADABLE)
def npz_bomb() -> bytes:
    return archive([bomb(b"a.npy", GIB)])


@hostile(
    "NumPy arrays of which one leads outside and one is pickled",
    "arrays.npz",
    COMPLETED,
    told={"contains_pickle": True},
)
def npz_outside(trap: Trap) -> bytes:
    return archive([Entry(b"../../a.npy", data.npy()), Entry(b"b.npy", pickled(trap))])


def hdf5(fill) -> bytes:
    """Return an HDF5 file that `fill` has filled."""
    target = io.BytesIO()
    with h5py.File(target, "w") as file:
        fill(file)
    return target.getvalue()


@hostile("an HDF5 file whose groups hold each other", "data.h5", COMPLETED)
def looping_groups() -> bytes:
    def fill(file: h5py.File) -> None:
        inner = file.create_group("a").create_group("b")
        inner["back"], inner["top"] = file["a"], file["/"]
        file["soft"] = h5py.SoftLink("/soft")

    return hdf5(fill)


@hostile("an HDF5 file that links to other files", "data.h5", COMPLETED, told={"external": True})
def linking(trap: Trap) -> bytes:
    def fill(file: h5py.File) -> None:
        file["outside"] = h5py.ExternalLink(trap.secret, "/x")
        file.create_dataset("raw", (20,), "u1", external=[(trap.secret, 0, 20)])
        layout = h5py.VirtualLayout((20,), "u1")
        layout[:] = h5py.VirtualSource(trap.secret, "x", (20,))
        file.create_virtual_dataset("virtual", layout)

    return hdf5(fill)


@hostile("an HDF5 file of groups 5000 deep", "data.h5", COMPLETED)
def deep_groups() -> bytes:
    return hdf5(lambda file: file.create_group("/".join("a" * 5000)))


@hostile("an HDF5 file of 20000 sets", "data.h5", COMPLETED)
def many_sets() -> bytes:
    def fill(file: h5py.File) -> None:
        for number in range(20_000):
            file.create_group(f"g{number}")

    return hdf5(fill)


@hostile("an HDF5 set of 2^60 values in no bytes", "data.h5", COMPLETED)
def vast_set() -> bytes:
    return hdf5(lambda file: file.create_dataset("a", (2**30, 2**30), "u1", chunks=(1024, 1024), compression="gzip"))


@hostile("an HDF5 file whose addresses lead beyond it", "data.h5", UNREADABLE)
def lost_addresses() -> bytes:
    return data.hdf5()[:512] + b"\xfe" * 2000


@hostile("a Parquet table whose footer is longer than the file", "table.parquet", UNREADABLE)
def long_footer() -> bytes:
    return b"PAR1" + bytes(100) + struct.pack("<I", 2**31 - 1) + b"PAR1"


@hostile("a Parquet table whose footer nests without end", "table.parquet", UNREADABLE)
def deep_footer() -> bytes:
    footer = b"\x1c" * 100_000
    return b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1"


@hostile("a Parquet table whose footer lists 2^31 columns", "table.parquet", UNREADABLE)
def endless_footer() -> bytes:
    footer = b"\x15\x02\x19\xfc\xff\xff\xff\xff\x07" + bytes(50)
    return b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1"


@hostile("a Parquet table without anything", "table.parquet", UNREADABLE)
def empty_parquet() -> bytes:
    return b"PAR1PAR1"


@hostile("an Arrow file whose lengths lie", "table.arrow", UNREADABLE)
def lying_arrow() -> bytes:
    return b"ARROW1\0\0" + b"\xff\xff\xff\xff\xff\xff\xff\x7f" * 20 + struct.pack("<I", 2**31 - 1) + b"ARROW1"


@hostile("an Arrow stream that promises 2 GiB of schema", "table.arrows", "content_mismatch")
def lying_stream() -> bytes:
    return b"\xff\xff\xff\xff" + struct.pack("<I", 2**31 - 8) + data.arrow_stream()[8:]


def tensors(header: object, content: bytes = b"", length: int | None = None) -> bytes:
    """Return a safetensors file with this header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + content


@hostile("tensors that overlap", "model.safetensors", UNREADABLE)
def overlapping_tensors() -> bytes:
    one = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}
    return tensors({"a": one, "b": {**one, "data_offsets": [8, 24]}}, bytes(24))


@hostile("tensors beyond the end of the file", "model.safetensors", UNREADABLE)
def lost_tensors() -> bytes:
    return tensors({"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}, bytes(16))


@hostile("tensors whose shape contradicts their bytes", "model.safetensors", UNREADABLE)
def lying_tensors() -> bytes:
    return tensors({"a": {"dtype": "F32", "shape": [-1, 2**70], "data_offsets": [16, 0]}}, bytes(16))


@hostile("tensors with a header of 2^63 bytes", "model.safetensors", "content_mismatch")
def long_tensors() -> bytes:
    return tensors({"a": {}}, length=2**63)


@hostile("tensors with a header 100000 levels deep", "model.safetensors", UNREADABLE)
def deep_tensors() -> bytes:
    return tensors(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)


@hostile("tensors of which there are 200000", "model.safetensors", COMPLETED)
def many_tensors() -> bytes:
    empty = {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}
    return tensors({f"t{n}": empty for n in range(200_000)})


@hostile("a pickle", "model.pkl", COMPLETED)
def pickle_(trap: Trap) -> bytes:
    return pickle.dumps({"a": _Opener(trap.secret)})


@hostile("a model that is an archive of pickles", "model.pt", COMPLETED)
def model(trap: Trap) -> bytes:
    return archive([Entry(b"archive/data.pkl", pickle_(trap)), Entry(b"archive/version", b"3\n")])


@hostile("an SQLite database whose view calls itself", "data.sqlite", COMPLETED)
def looping_view(trap: Trap) -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE a (x)")
        database.execute(
            "CREATE VIEW b AS WITH RECURSIVE c(n) AS (VALUES(1) UNION ALL SELECT n + 1 FROM c) SELECT n FROM c"
        )
        database.execute(f"CREATE TRIGGER d AFTER INSERT ON a BEGIN SELECT load_extension('{trap.secret}'); END")
        return database.serialize()
