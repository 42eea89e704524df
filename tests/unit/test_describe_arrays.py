"""Exact metadata of arrays; broken ones stand in test_data_files_hostile.py."""

import io

import numpy as np
import pytest

from shared.metadata import ArraysMetadata
from shared.metadata.data import Array
from tests.unit import data_files, data_makers
from workers.examine.describe import Unreadable, arrays

ELSEWHERE = "it points to other files, which were not looked at"
NPY = {"format": "npy", "version": "1.0", "arrays_total": 1, "contains_pickle": False}
HDF5 = {"format": "hdf5", "groups": 0, "external": False}
NONE = {"arrays_total": 0, "elements": 0, "bytes": 0}


def numpy(shape, dtype, size, name=None, *, fortran_order=False):
    return Array(name=name, shape=shape, dtype=dtype, bytes=size, fortran_order=fortran_order)


def one(name, shape, dtype, size, **more):
    return Array(name=name, shape=shape, dtype=dtype, bytes=size, **more)


EXPECTED = {
    "plain.npy": NPY | {"arrays": (numpy((3, 4), "float32", 48, fortran_order=True),), "elements": 12, "bytes": 48},
    "fields.npy": NPY
    | {
        "version": "3.0",
        "arrays": (numpy((2,), "[('☃', '<i4'), ('b', '<f8')]", 24),),
        "elements": 2,
        "bytes": 24,
    },
    "objects.npy": NPY | {"arrays": (numpy((2,), "object", None),), "elements": 2, "bytes": 0, "contains_pickle": True},
    "two.npy": NPY | {"arrays": (numpy((1,), "float64", 8),), "elements": 1, "bytes": 8},
    "several.npz": {
        "format": "npz",
        "arrays": (
            numpy((500, 500), "float64", 2_000_000, "a"),
            numpy((), "bool", 1, "b"),
            numpy((1,), "object", None, "c"),
        ),
        "arrays_total": 3,
        "elements": 250_002,
        "bytes": 2_000_001,
        "contains_pickle": True,
    },
    "plain.npz": {
        "format": "npz",
        "arrays": (numpy((3,), "int16", 6, "x"),),
        "arrays_total": 1,
        "elements": 3,
        "bytes": 6,
        "contains_pickle": False,
    },
    "sets.h5": HDF5
    | {
        "arrays": (
            one("/empty", None, "int16", 0, attributes=0),
            one("/plain", (3, 4), "float32", 48, attributes=2),
            one("/text", (2,), "string", None, attributes=0),
            one("/group/packed", (100, 10), "float64", 8000, attributes=0, compression="gzip"),
        ),
        "arrays_total": 4,
        "elements": 1014,
        "bytes": 8048,
        "groups": 1,
    },
    "circle.h5": HDF5 | NONE | {"groups": 1},
    "linked.h5": HDF5 | NONE | {"external": True},
    "stored.h5": HDF5
    | {
        "arrays": (one("/raw", (4,), "uint8", 4, attributes=0),),
        "arrays_total": 1,
        "elements": 4,
        "bytes": 4,
        "external": True,
    },
    "virtual.h5": HDF5
    | {
        "arrays": (one("/virtual", (4,), "uint8", 4, attributes=0),),
        "arrays_total": 1,
        "elements": 4,
        "bytes": 4,
        "external": True,
    },
    "model.safetensors": {
        "format": "safetensors",
        "arrays": (one("w", (2, 2), "F32", 16), one("b", (), "BF16", 2)),
        "arrays_total": 2,
        "elements": 5,
        "bytes": 18,
        "properties": {"format": "pt"},
    },
    "none.safetensors": {"format": "safetensors", **NONE},
    "new.safetensors": {
        "format": "safetensors",
        "arrays": (one("w", (2,), "F99", 3),),
        "arrays_total": 1,
        "elements": 2,
        "bytes": 3,
    },
}
WARNINGS = {
    "two.npy": ("136 bytes follow the array",),
    "linked.h5": (ELSEWHERE,),
    "stored.h5": (ELSEWHERE,),
    "virtual.h5": (ELSEWHERE,),
    "new.safetensors": ("a tensor's type is not known, so its size was not checked",),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_arrays(name):
    found = arrays.describe(io.BytesIO(data_files.GOOD[name]()), data_files.media_type(name))
    assert found.metadata == ArraysMetadata(**EXPECTED[name])
    assert found.warnings == WARNINGS.get(name, ())


def test_every_file_of_arrays_is_expected():
    suffixes = {"npy", "npz", "h5", "safetensors"}
    assert EXPECTED.keys() == {name for name in data_files.GOOD if name.rpartition(".")[2] in suffixes}


def test_64_arrays_are_listed_and_all_are_counted():
    content = data_makers.npz(**{f"a{number}": np.zeros(2, "i1") for number in range(100)})
    metadata = arrays.describe(io.BytesIO(content), "application/x-npz").metadata
    assert (len(metadata.arrays), metadata.arrays_total, metadata.elements) == (64, 100, 200)


def test_a_safetensors_with_a_long_header_is_described_up_to_a_bound(monkeypatch):
    monkeypatch.setattr("workers.examine.describe._json_events.MAX_VALUES", 40)
    header = {f"t{number}": data_makers.tensor(0, 0, (0,)) for number in range(9)}
    found = arrays.describe(io.BytesIO(data_makers.safetensors(header)), "application/vnd.safetensors")
    assert len(found.metadata.arrays) == 2
    assert found.metadata.arrays_total is None
    assert found.warnings == ("the JSON holds more than 40 values, keys and ends",)


def test_a_type_without_a_reader_is_unreadable():
    with pytest.raises(Unreadable):
        arrays.describe(io.BytesIO(b"x"), "application/x-unheard-of")
