"""Tables, JSON and arrays by name, good ones and hostile ones, made by code; the tests say what they come to."""

import json
import struct
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePath

import numpy as np
import pyarrow as pa

from tests.unit.data_makers import (
    TABLE,
    arrow_file,
    arrow_stream,
    changed,
    circle,
    deep,
    deep_groups,
    elsewhere,
    encrypted_parquet,
    hdf5,
    many_groups,
    npy,
    npy_header,
    npz,
    parquet_file,
    safetensors,
    sets,
    shaped,
    stored_elsewhere,
    tensor,
    virtual,
    zipped,
)

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


def media_type(name: str) -> str:
    """Return the media type of a file below by its name."""
    return TYPES[PurePath("a" + name).suffix]


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
    "sets.h5": partial(hdf5, sets),
    "circle.h5": partial(hdf5, circle),
    "linked.h5": partial(hdf5, elsewhere),
    "stored.h5": partial(hdf5, stored_elsewhere),
    "virtual.h5": partial(hdf5, virtual),
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
    "cut.h5": lambda: hdf5(sets)[:-1],
    "head.h5": lambda: hdf5(sets)[:8],
    "noise.h5": lambda: hdf5(sets)[:96] + b"\xff" * (len(hdf5(sets)) - 96),
    "many.h5": partial(hdf5, many_groups),
    "deep.h5": partial(hdf5, deep_groups),
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
