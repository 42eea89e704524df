"""Writes tables, JSON and arrays as bytes; it leaves choosing what to write to data_files.py."""

import base64
import io
import json
import struct
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
from pyarrow import ipc, parquet
from pyarrow.parquet import encryption

TABLE = pa.table(
    {
        "id": pa.array([1, 2, 3], pa.int32()),
        "name": ["a", None, "c"],
        "tags": [["x"], [], None],
        "at": pa.array([0, 1, 2], pa.timestamp("us", "UTC")),
    }
)


def parquet_file(table: pa.Table = TABLE, **options: Any) -> bytes:
    """Return the table as Parquet."""
    target = io.BytesIO()
    parquet.write_table(table, target, **options)
    return target.getvalue()


class _Keys(encryption.KmsClient):
    """Wraps keys in Base64, which protects nothing."""

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        return base64.b64encode(key_bytes)

    def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
        return base64.b64decode(wrapped_key)


def encrypted_parquet(*, plain_footer: bool) -> bytes:
    """Return Parquet with one encrypted column, whose footer is encrypted too unless it is to be plain."""
    configuration = encryption.EncryptionConfiguration(
        footer_key="f", column_keys={"k": ["name"]}, plaintext_footer=plain_footer, double_wrapping=False
    )
    factory = encryption.CryptoFactory(lambda _: _Keys())
    properties = factory.file_encryption_properties(encryption.KmsConnectionConfig(), configuration)
    target = io.BytesIO()
    with parquet.ParquetWriter(target, TABLE.schema, encryption_properties=properties) as writer:
        writer.write_table(TABLE)
    return target.getvalue()


def arrow_file(compression: str | None = None) -> bytes:
    """Return the table in Arrow's file format, two rows a batch."""
    target = io.BytesIO()
    with ipc.new_file(target, TABLE.schema, options=ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(TABLE, max_chunksize=2)
    return target.getvalue()


def arrow_stream(table: pa.Table = TABLE, rows: int = 2, **options: Any) -> bytes:
    """Return the table in Arrow's stream format, by default two rows a batch."""
    target = io.BytesIO()
    with ipc.new_stream(target, table.schema, options=ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=rows)
    return target.getvalue()


def npy(array: np.ndarray) -> bytes:
    """Return the array as NPY."""
    target = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions that older readers do not know
        np.save(target, array)
    return target.getvalue()


def npy_header(text: str, version: int = 1, length: int | None = None) -> bytes:
    """Return an NPY header of that text without anything behind it."""
    size = len(text) if length is None else length
    return b"\x93NUMPY" + bytes((version, 0)) + struct.pack("<H" if version == 1 else "<I", size) + text.encode()


def shaped(shape: str, dtype: str = "<f4") -> bytes:
    """Return an NPY header that promises an array of that shape."""
    return npy_header(f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}}}")


def npz(*, compressed: bool = False, **arrays: np.ndarray) -> bytes:
    """Return the arrays as NPZ."""
    target = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(target, **arrays)
    return target.getvalue()


def zipped(**members: bytes) -> bytes:
    """Return an archive of NPY files that may be none."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return target.getvalue()


def hdf5(fill: Callable[[h5py.File], object]) -> bytes:
    """Return an HDF5 file as the function fills it."""
    target = io.BytesIO()
    with h5py.File(target, "w") as file:
        fill(file)
    return target.getvalue()


def sets(file: h5py.File) -> None:
    file["plain"] = np.zeros((3, 4), "f4")
    file["plain"].attrs.update(unit="m", scale=2)
    file.create_dataset("group/packed", data=np.zeros((100, 10)), compression="gzip")
    file.create_dataset("text", data=["a", "b"], dtype=h5py.string_dtype())
    file["empty"] = h5py.Empty("i2")


def circle(file: h5py.File) -> None:
    group = file.create_group("group")
    group["itself"], group["root"], file["again"] = group, file["/"], group
    file["soft"] = h5py.SoftLink("/group")
    file["nowhere"] = h5py.SoftLink("/nowhere")


def elsewhere(file: h5py.File) -> None:
    file["linked"] = h5py.ExternalLink("/etc/hostname", "/")


def stored_elsewhere(file: h5py.File) -> None:
    file.create_dataset("raw", (4,), "u1", external=[("/etc/hostname", 0, 4)])


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((4,), "u1")
    layout[:] = h5py.VirtualSource("/etc/hostname", "x", (4,))
    file.create_virtual_dataset("virtual", layout)


def many_groups(file: h5py.File) -> None:
    for number in range(10_001):
        file.create_group(str(number))


def deep_groups(file: h5py.File) -> None:
    group = file
    for _ in range(2000):
        group = group.create_group("g")
    group["bottom"] = 1


def safetensors(header: object, data: bytes = b"", length: int | None = None) -> bytes:
    """Return a safetensors file of a header, as bytes or to be made JSON, and data."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(begin: int, end: int, shape: tuple[int, ...] = (2, 2), dtype: str = "F32") -> dict[str, object]:
    """Return a header's entry."""
    return {"dtype": dtype, "shape": shape, "data_offsets": (begin, end)}


def deep(levels: int) -> bytes:
    """Return arrays within arrays."""
    return b"[" * levels + b"]" * levels


def changed(content: bytes, place: int) -> bytes:
    """Return the content with one byte turned over."""
    return content[:place] + bytes((content[place] ^ 0xFF,)) + content[place + 1 :]
