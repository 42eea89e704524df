"""Exact metadata of JSON documents; broken ones stand in test_data_files_hostile.py."""

import io

import pytest

from shared.metadata import JsonMetadata
from shared.metadata.data import Column
from tests.unit import data_files, data_makers
from workers.examine.describe import _json_events, json_document

UTF_8 = {"encoding": "utf-8", "duplicate_keys": False}
EXPECTED = {
    "object.json": {
        "root": "object",
        "encoding": "utf-8",
        "values": 9,
        "depth": 3,
        "keys": ("a", "b", "b"),
        "keys_total": 3,
        "duplicate_keys": True,
    },
    "records.json": UTF_8
    | {
        "root": "array",
        "values": 7,
        "depth": 3,
        "items": 2,
        "columns": (
            Column(name="a", type="mixed"),
            Column(name="when", type="date"),
            Column(name="deep", type="object"),
        ),
        "columns_total": 3,
    },
    "mixed.json": UTF_8 | {"root": "array", "values": 4, "depth": 2, "items": 3},
    "lone.json": UTF_8 | {"root": "string", "values": 1, "depth": 0},
    "wide.json": {
        "root": "object",
        "encoding": "utf-16",
        "values": 4,
        "depth": 2,
        "keys": ("ä",),
        "keys_total": 1,
        "duplicate_keys": False,
    },
    "places.geojson": UTF_8
    | {
        "root": "object",
        "values": 8,
        "depth": 3,
        "keys": ("type", "features"),
        "keys_total": 2,
        "geojson": "FeatureCollection",
        "features": 2,
    },
}


def described(content):
    return json_document.describe(io.BytesIO(content), "application/json")


@pytest.mark.parametrize("name", EXPECTED)
def test_a_document(name):
    found = described(data_files.GOOD[name]())
    assert found.metadata == JsonMetadata(**EXPECTED[name])
    assert found.warnings == ()


def test_every_document_is_expected():
    assert EXPECTED.keys() == {name for name in data_files.GOOD if name.endswith("json") and "nd" not in name}


@pytest.mark.parametrize(
    ("content", "type_"),
    [
        (b'{"type": "Point", "coordinates": [1, 2]}', "Point"),
        (b'{"coordinates": [1, 2], "type": "Point"}', "Point"),
        (b'{"type": "Point"}', None),
        (b'{"type": "Feature", "features": []}', None),
        (b'{"type": 1, "coordinates": []}', None),
        (b'[{"type": "Point", "coordinates": [1, 2]}]', None),
    ],
)
def test_geojson_has_a_type_and_the_member_that_it_needs(content, type_):
    assert described(content).metadata.geojson == type_


@pytest.mark.parametrize(
    ("content", "duplicates"),
    [
        (b'{"a": {"a": 1}}', False),
        (b'[{"a": 1}, {"a": 2}]', False),
        (b'[{"a": 1, "\\u0061": 2}]', True),
        (b'{"x": [{"a": 1}, {"b": 1, "b": 1}]}', True),
    ],
)
def test_a_key_that_an_object_has_twice_is_found(content, duplicates):
    assert described(content).metadata.duplicate_keys is duplicates


def test_with_too_many_open_keys_twins_are_not_denied(monkeypatch):
    monkeypatch.setattr(json_document, "_MAX_OPEN_KEYS", 2)
    assert described(b'{"a": 1, "b": 1, "c": 1}').metadata.duplicate_keys is None
    assert described(b'[{"a": 1, "b": 1}, {"a": 1, "b": 1}]').metadata.duplicate_keys is False


def test_beyond_a_bound_nothing_is_counted(monkeypatch):
    monkeypatch.setattr(_json_events, "MAX_VALUES", 10)
    found = described(b'[{"a": 1}, {"a": 2}, {"a": 3}]')
    assert found.metadata == JsonMetadata(
        root="array", encoding="utf-8", columns=(Column(name="a", type="integer"),), columns_total=1
    )
    assert found.warnings == ("the JSON holds more than 10 values, keys and ends, so its values could not be counted",)


@pytest.mark.parametrize("levels", [999, 1000])
def test_a_thousand_levels_are_read(levels):
    assert described(data_makers.deep(levels)).metadata.depth == levels


def test_64_keys_are_listed():
    content = b"{" + b",".join(b'"k%d": 0' % n for n in range(100)) + b"}"
    metadata = described(content).metadata
    assert (len(metadata.keys), metadata.keys_total) == (64, 100)
