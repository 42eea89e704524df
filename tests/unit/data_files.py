"""Makes tables, JSON and arrays by code, good ones and hostile ones; the tests say what they come to."""

import base64
import io
import json
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePath
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
from pyarrow import ipc, parquet
from pyarrow.parquet import encryption

TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".ndjson": "application/x-ndjson",
    ".parquet": "application/vnd.apache.parquet",
    ".arrow": "application/vnd.apache.arrow.file",
    ".arrows": "application/vnd.apache.arrow.stream",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".npy": "application/x-npy",
    ".npz": "application/x-npz",
    ".h5": "application/x-hdf5",
    ".safetensors": "application/vnd.safetensors",
}
"""Extension of the names below → media type."""

Factory = Callable[[], bytes]

PEOPLE = (
    "id,name,born,seen,height,active\n1,Ann,1990-01-02,2024-05-06T07:08:09Z,1.7,true\n2,Bö,,2024-05-06T07:08,2,false\n"
)
TABLE = pa.table(
    {
        "id": pa.array([1, 2, 3], pa.int32()),
        "name": ["a", None, "c"],
        "tags": [["x"], [], None],
        "at": pa.array([0, 1, 2], pa.timestamp("us", "UTC")),
    }
)


def media_type(name: str) -> str:
    """Return the media type of a file below by its name."""
    return TYPES[PurePath("a" + name).suffix]


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


def _sets(file: h5py.File) -> None:
    file["plain"] = np.zeros((3, 4), "f4")
    file["plain"].attrs.update(unit="m", scale=2)
    file.create_dataset("group/packed", data=np.zeros((100, 10)), compression="gzip")
    file.create_dataset("text", data=["a", "b"], dtype=h5py.string_dtype())
    file["empty"] = h5py.Empty("i2")


def _circle(file: h5py.File) -> None:
    group = file.create_group("group")
    group["itself"], group["root"], file["again"] = group, file["/"], group
    file["soft"] = h5py.SoftLink("/group")
    file["nowhere"] = h5py.SoftLink("/nowhere")


def _elsewhere(file: h5py.File) -> None:
    file["linked"] = h5py.ExternalLink("/etc/hostname", "/")


def _stored_elsewhere(file: h5py.File) -> None:
    file.create_dataset("raw", (4,), "u1", external=[("/etc/hostname", 0, 4)])


def _virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((4,), "u1")
    layout[:] = h5py.VirtualSource("/etc/hostname", "x", (4,))
    file.create_virtual_dataset("virtual", layout)


def _many_groups(file: h5py.File) -> None:
    for number in range(10_001):
        file.create_group(str(number))


def _deep_groups(file: h5py.File) -> None:
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


GOOD: Mapping[str, Factory] = {
    "people.csv": PEOPLE.encode,
    "semicolons.csv": lambda: "name;price\na;1,5\nb;2,5\n".encode("utf-16"),
    "pipes.csv": lambda: b"1|2.5|x\n3|4|y\n",
    "windows.csv": lambda: ("city,people\n" + "Köln,1\nMünchen,2\nNürnberg,3\n" * 20).encode("cp1252"),
    "quotes.csv": lambda: b'id,text\n1,"two\nlines, ""quoted"""\n2,\n\n3,x,more\n',
    "column.csv": lambda: b"one\ntwo\n",
    "codes.csv": lambda: b"\xef\xbb\xbfcode,year\n00123,1999\n04567,2000\n",
    "years.csv": lambda: b"country,1990,1991\na,1,2\nb,3,4\n",
    "wide.csv": lambda: b",".join(b"c%d" % n for n in range(100)) + b"\n" + b",".join([b"1"] * 100) + b"\n",
    "nothing.csv": bytes,
    "tabs.tsv": lambda: b"a,b\tc\n1\t2\n",
    "records.ndjson": lambda: b'{"a": 1, "b": null}\n{"a": 2.5, "c": [1]}\n\n{"a": 3, "c": "2024-01-02"}',
    "values.ndjson": lambda: b"\xef\xbb\xbf1\n[2]\n",
    "plain.parquet": partial(parquet_file, compression="none"),
    "groups.parquet": partial(parquet_file, row_group_size=2, compression={"id": "zstd", "name": "snappy"}),
    "empty.parquet": lambda: parquet_file(TABLE.slice(0, 0)),
    "locked.parquet": partial(encrypted_parquet, plain_footer=False),
    "signed.parquet": partial(encrypted_parquet, plain_footer=True),
    "feather.arrow": partial(arrow_file, "lz4"),
    "plain.arrow": arrow_file,
    "packed.arrows": partial(arrow_stream, compression="zstd"),
    "old.arrows": partial(arrow_stream, use_legacy_format=True),
    "object.json": '{"a": [1, 2.5, "ä"], "b": {"c": {"d": null}}, "b": true}'.encode,
    "records.json": lambda: b'\xef\xbb\xbf[{"a": 1, "when": "2024-01-02"}, {"a": "x", "deep": {}}]',
    "mixed.json": lambda: b"[1, {}, null]",
    "lone.json": lambda: b' "text" ',
    "wide.json": lambda: '{"ä": [1e999999999999999999999999, 18446744073709551616]}'.encode("utf-16"),
    "places.geojson": lambda: (
        b'{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": null}, {"type": "Feature"}]}'
    ),
    "plain.npy": lambda: npy(np.asfortranarray(np.zeros((3, 4), "f4"))),
    "fields.npy": lambda: npy(np.zeros(2, [("☃", "i4"), ("b", "f8")])),
    "objects.npy": lambda: npy(np.array([None, "a"], object)),
    "two.npy": lambda: npy(np.zeros(1)) + npy(np.zeros(1)),
    "several.npz": lambda: npz(compressed=True, a=np.zeros((500, 500)), b=np.array(True), c=np.array([None], object)),
    "plain.npz": lambda: npz(x=np.arange(3, dtype="i2")),
    "sets.h5": partial(hdf5, _sets),
    "circle.h5": partial(hdf5, _circle),
    "linked.h5": partial(hdf5, _elsewhere),
    "stored.h5": partial(hdf5, _stored_elsewhere),
    "virtual.h5": partial(hdf5, _virtual),
    "model.safetensors": lambda: safetensors(
        {"__metadata__": {"format": "pt"}, "w": tensor(0, 16), "b": tensor(16, 18, (), "BF16")}, bytes(18)
    ),
    "none.safetensors": lambda: safetensors(b"{}      "),
    "new.safetensors": lambda: safetensors({"w": tensor(0, 3, (2,), "F99")}, bytes(3)),
}
"""Name → what makes the file."""

HOSTILE: Mapping[str, Factory] = {
    "line.csv": lambda: b"x" * 3_000_000,
    "field.csv": lambda: b'a,b\n1,"' + b"x\n" * 1_000_000,
    "row.csv": lambda: b"a,b\n" + b'"1\n2",' * 500_000,
    "open.csv": lambda: b'a,b\n1,"2\n',
    "foreign.csv": lambda: b"\xff\xfe" + b"a,b\n1"[:3],
    "noise.csv": lambda: np.random.default_rng(1).bytes(5000),
    "broken.ndjson": lambda: b'{"a": 1}\n{"a": \n',
    "nan.ndjson": lambda: b'1\n{"a": NaN}\n',
    "deep.ndjson": lambda: b"1\n" + deep(100_000),
    "latin.ndjson": lambda: b'"\xfc"\n',
    "digits.ndjson": lambda: b"1\n" + b"9" * 5000,
    "line.ndjson": lambda: b'1\n"' + b"x" * 2_000_000 + b'"',
    "cut.parquet": lambda: parquet_file()[:-5],
    "footer.parquet": lambda: parquet_file()[:-8] + b"\xff\xff\xff\x7fPAR1",
    "zeros.parquet": lambda: b"PAR1" + bytes(1000) + struct.pack("<I", 1000) + b"PAR1",
    "moved.parquet": lambda: parquet_file()[400:],
    "tiny.parquet": lambda: b"PAR1",
    "cut.arrow": lambda: arrow_file()[:-1],
    "footer.arrow": lambda: arrow_file()[:-10] + b"\xff\xff\xff\x7fARROW1",
    "zeros.arrow": lambda: b"ARROW1\0\0" + bytes(100) + struct.pack("<i", 50) + b"ARROW1",
    "cut.arrows": lambda: arrow_stream()[:-40],
    "schema.arrows": lambda: arrow_stream()[:100],
    "noise.arrows": lambda: b"\xff\xff\xff\xff\x40\0\0\0" + b"\xee" * 64,
    "long.arrows": lambda: b"\xff\xff\xff\xff\xff\xff\xff\x7f",
    "batches.arrows": lambda: arrow_stream(pa.table({"a": pa.nulls(200_000)}), rows=1),
    "nan.json": lambda: b'{"a": NaN}',
    "infinity.json": lambda: b"[-Infinity]",
    "trailing.json": lambda: b"{} x",
    "cut.json": lambda: b'{"a": [1, 2',
    "empty.json": bytes,
    "deep.json": lambda: deep(100_000),
    "latin.json": lambda: b'["\xfc"]',
    "marked.json": lambda: b"\xff\xfe[",
    "comment.json": lambda: b"[1, # c\n2]",
    "digits.json": lambda: b"[" + b"9" * 1_000_000 + b"]",
    "string.json": lambda: b'["' + b"x" * 5_000_000 + b'"]',
    "values.json": lambda: b"[" + b"1," * 3_000_000 + b"1]",
    "cut.npy": lambda: npy(np.zeros(9))[:-1],
    "header.npy": lambda: npy(np.zeros(9))[:30],
    "huge.npy": lambda: shaped("(1000000000,)"),
    "beyond.npy": lambda: shaped("(1000000000000, 1000000000000)"),
    "negative.npy": lambda: shaped("(-1,)"),
    "nested.npy": lambda: npy_header("-" * 9900 + "1"),
    "brackets.npy": lambda: npy_header("(" * 9900),
    "call.npy": lambda: npy_header("__import__('os').abort()"),
    "length.npy": lambda: npy_header("{}", version=2, length=0xFFFFFFFF),
    "version.npy": lambda: npy_header("{}", version=9),
    "cut.npz": lambda: npz(a=np.zeros(9))[:-30],
    "member.npz": lambda: zipped(a=b"no array"),
    "short.npz": lambda: zipped(a=shaped("(1000000000,)")),
    "damaged.npz": lambda: changed(npz(compressed=True, a=np.zeros(100)), 60),
    "header.npz": lambda: zipped(a=npy_header(" " * 100_000_000, version=2)),
    "many.npz": lambda: zipped(**{str(number): b"" for number in range(10_001)}),
    "cut.h5": lambda: hdf5(_sets)[:-1],
    "head.h5": lambda: hdf5(_sets)[:8],
    "noise.h5": lambda: hdf5(_sets)[:96] + b"\xff" * (len(hdf5(_sets)) - 96),
    "many.h5": partial(hdf5, _many_groups),
    "deep.h5": partial(hdf5, _deep_groups),
    "cut.safetensors": lambda: safetensors({"w": tensor(0, 16)}, bytes(15)),
    "more.safetensors": lambda: safetensors({"w": tensor(0, 16)}, bytes(17)),
    "long.safetensors": lambda: safetensors({}, length=10**12),
    "space.safetensors": lambda: safetensors(b" {}"),
    "overlap.safetensors": lambda: safetensors({"v": tensor(0, 16), "w": tensor(8, 24)}, bytes(24)),
    "hole.safetensors": lambda: safetensors({"v": tensor(0, 16), "w": tensor(20, 36)}, bytes(36)),
    "size.safetensors": lambda: safetensors({"w": tensor(0, 15)}, bytes(15)),
    "outside.safetensors": lambda: safetensors({"w": tensor(0, 2**62)}, bytes(16)),
    "twice.safetensors": lambda: safetensors(b'{"w":%s,"w":%s}' % ((json.dumps(tensor(0, 0, (0,))).encode(),) * 2)),
    "deep.safetensors": lambda: safetensors(b'{"w":' + deep(1000) + b"}"),
    "text.safetensors": lambda: safetensors({"__metadata__": {"a": [1]}}),
    "json.safetensors": lambda: safetensors(b'{"w":{"dtype":"F32"'),
}
"""Name → what makes the file: broken ones, and whole ones that want more time or memory than a file may have."""
