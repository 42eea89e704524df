"""Data for machines: columns, arrays, tensors and databases."""

import io
import json
import sqlite3
import struct
import zipfile

import h5py
import numpy as np
import pyarrow as pa
from pyarrow import ipc, parquet

from tests.corpus.items import good

COLUMNS = {
    "rows": 100,
    "columns_total": 2,
    "columns": [{"name": "id", "type": "int64"}, {"name": "name", "type": "string"}],
}
"""What is told of TABLE."""
ARRAY = {"shape": [3, 4], "dtype": "float32", "bytes": 48, "fortran_order": False}
TABLE = pa.table({"id": pa.array(range(100), pa.int64()), "name": [f"name {n}" for n in range(100)]})


@good(
    "a Parquet table",
    "table.parquet",
    "application/vnd.apache.parquet",
    "application/vnd.apache.parquet",
    {"kind": "table", "format": "parquet", "row_groups": 2, "compression": ["snappy"], "encrypted": False, **COLUMNS},
    unchecked=("created_by",),
)
def parquet_() -> bytes:
    target = io.BytesIO()
    parquet.write_table(TABLE, target, row_group_size=50)
    return target.getvalue()


@good(
    "an Arrow file",
    "table.arrow",
    "application/vnd.apache.arrow.file",
    "application/vnd.apache.arrow.file",
    {"kind": "table", "format": "arrow", "row_groups": 1, **COLUMNS},
)
def arrow_file() -> bytes:
    target = io.BytesIO()
    with ipc.new_file(target, TABLE.schema) as writer:
        writer.write_table(TABLE)
    return target.getvalue()


@good(
    "an Arrow stream",
    "table.arrows",
    "application/vnd.apache.arrow.stream",
    "application/vnd.apache.arrow.stream",
    {"kind": "table", "format": "arrow", "row_groups": 1, **COLUMNS},
)
def arrow_stream() -> bytes:
    target = io.BytesIO()
    with ipc.new_stream(target, TABLE.schema) as writer:
        writer.write_table(TABLE)
    return target.getvalue()


@good(
    "a NumPy array",
    "array.npy",
    "application/x-npy",
    "application/x-npy",
    {
        "kind": "arrays",
        "format": "npy",
        "version": "1.0",
        "arrays": [ARRAY],
        "arrays_total": 1,
        "elements": 12,
        "bytes": 48,
        "contains_pickle": False,
    },
)
def npy() -> bytes:
    text = b"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"
    text = text.ljust(117) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + bytes(48)


@good(
    "NumPy arrays in one archive",
    "arrays.npz",
    "application/x-npz",
    "application/x-npz",
    {
        "kind": "arrays",
        "format": "npz",
        "arrays": [{"name": "first", **ARRAY}, {"name": "second", **ARRAY}],
        "arrays_total": 2,
        "elements": 24,
        "bytes": 96,
        "contains_pickle": False,
    },
)
def npz() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in ("first", "second"):
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), npy())
    return target.getvalue()


@good(
    "an HDF5 file",
    "data.h5",
    "application/x-hdf5",
    "application/x-hdf5",
    {
        "kind": "arrays",
        "format": "hdf5",
        "groups": 1,
        "external": False,
        "arrays_total": 2,
        "elements": 15,
        "bytes": 72,
        "arrays": [
            {"name": "/labels", "shape": [3], "dtype": "int64", "bytes": 24, "attributes": 0},
            {"name": "/run/signal", "shape": [3, 4], "dtype": "float32", "bytes": 48, "attributes": 0},
        ],
    },
)
def hdf5() -> bytes:
    target = io.BytesIO()
    with h5py.File(target, "w") as file:
        group = file.create_group("run")
        group.create_dataset("signal", data=np.arange(12, dtype="<f4").reshape(3, 4), track_times=False)
        file.create_dataset("labels", data=np.arange(3, dtype="<i8"), track_times=False)
    return target.getvalue()


@good(
    "tensors of a model",
    "model.safetensors",
    "application/vnd.safetensors",
    "application/vnd.safetensors",
    {
        "kind": "arrays",
        "format": "safetensors",
        "arrays_total": 2,
        "elements": 8,
        "bytes": 28,
        "properties": {"format": "pt"},
        "arrays": [
            {"name": "weight", "shape": [2, 3], "dtype": "F32", "bytes": 24},
            {"name": "bias", "shape": [2], "dtype": "F16", "bytes": 4},
        ],
    },
)
def safetensors() -> bytes:
    header = json.dumps(
        {
            "__metadata__": {"format": "pt"},
            "weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
            "bias": {"dtype": "F16", "shape": [2], "data_offsets": [24, 28]},
        }
    ).encode()
    return struct.pack("<Q", len(header)) + header + bytes(28)


@good("an SQLite database", "data.sqlite", "application/vnd.sqlite3", "application/vnd.sqlite3", {"kind": "other"})
def sqlite() -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE entries (id INTEGER PRIMARY KEY, name TEXT)")
        database.executemany("INSERT INTO entries (name) VALUES (?)", [(f"name {n}",) for n in range(10)])
        database.commit()
        return database.serialize()
