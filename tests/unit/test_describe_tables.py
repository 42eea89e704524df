"""Exact metadata of good tables; broken ones stand in test_data_files_hostile.py."""

import io

import pytest

from shared.metadata import TableMetadata
from shared.metadata.data import Column
from tests.unit import data_files
from workers.examine.describe import Unreadable, _delimited, _json_lines, table
from workers.examine.describe._columns import Columns, text_type

NO_HEADER_SHOWS = "whether the first row names the columns does not show"
CSV = {"format": "csv", "encoding": "utf-8", "delimiter": "comma", "header": True, "ragged_rows": 0}
ARROW_TYPES = {
    "id": "int32",
    "name": "string",
    "tags": "list<item: string>",
    "at": "timestamp[us, tz=UTC]",
}


def columns(**types):
    return {"columns": tuple(Column(name=n, type=t) for n, t in types.items()), "columns_total": len(types)}


def nameless(*types):
    return {"columns": tuple(Column(type=t) for t in types), "columns_total": len(types)}


PARQUET = {
    "format": "parquet",
    "created_by": "parquet-cpp-arrow version",
    "encrypted": False,
    **columns(**ARROW_TYPES | {"tags": "list<element: string>"}),
}
ARROW = {"format": "arrow", "rows": 3, "row_groups": 2, **columns(**ARROW_TYPES)}

EXPECTED = {
    "people.csv": CSV
    | {"rows": 2}
    | columns(id="integer", name="text", born="date", seen="datetime", height="number", active="boolean"),
    "semicolons.csv": CSV
    | {"encoding": "utf-16", "delimiter": "semicolon", "header": None, "rows": 3}
    | nameless("text", "text"),
    "pipes.csv": CSV | {"delimiter": "pipe", "header": False, "rows": 2} | nameless("integer", "number", "text"),
    "windows.csv": CSV | {"encoding": "cp1252", "rows": 60} | columns(city="text", people="integer"),
    "quotes.csv": CSV | {"rows": 3, "ragged_rows": 1} | columns(id="integer", text="text"),
    "column.csv": CSV | {"delimiter": None, "header": None, "rows": 2} | nameless("text"),
    "codes.csv": CSV | {"rows": 2} | columns(code="text", year="integer"),
    "years.csv": CSV | {"header": None, "rows": 3} | nameless("text", "integer", "integer"),
    "wide.csv": CSV | {"rows": 1} | columns(**{f"c{n}": "integer" for n in range(64)}) | {"columns_total": 100},
    "nothing.csv": CSV | {"delimiter": None, "header": None, "rows": 0, "columns_total": 0},
    "tabs.tsv": CSV | {"format": "tsv", "delimiter": "tab", "rows": 1} | columns(**{"a,b": "integer", "c": "integer"}),
    "records.ndjson": {"format": "ndjson", "rows": 3} | columns(a="number", b="empty", c="mixed"),
    "values.ndjson": {"format": "ndjson", "rows": 2, "columns_total": 0},
    "plain.parquet": PARQUET | {"rows": 3, "row_groups": 1, "compression": ()},
    "groups.parquet": PARQUET | {"rows": 3, "row_groups": 2, "compression": ("zstd", "snappy")},
    "empty.parquet": PARQUET | {"rows": 0, "row_groups": 1, "compression": ("snappy",)},
    "locked.parquet": {"format": "parquet", "encrypted": True},
    "signed.parquet": PARQUET | {"rows": 3, "row_groups": 1, "compression": None, "encrypted": True},
    "feather.arrow": ARROW | {"compression": ("lz4",)},
    "plain.arrow": ARROW | {"compression": ()},
    "packed.arrows": ARROW | {"compression": ("zstd",)},
    "old.arrows": ARROW | {"compression": ()},
}
WARNINGS = {
    "semicolons.csv": (NO_HEADER_SHOWS,),
    "column.csv": (NO_HEADER_SHOWS,),
    "years.csv": (NO_HEADER_SHOWS,),
    "windows.csv": ("encoding is inferred from a part of the text",),
    "locked.parquet": ("the footer is encrypted, so nothing in it could be read",),
    "signed.parquet": ("some columns are encrypted, so codecs could not be read",),
}


def without_version(metadata):
    """Cut the version that the installed Arrow writes."""
    if metadata.created_by is None:
        return metadata
    return metadata.model_copy(update={"created_by": metadata.created_by.rpartition(" ")[0]})


@pytest.mark.parametrize("name", EXPECTED)
def test_a_table(name):
    table.prepare()
    found = table.describe(io.BytesIO(data_files.GOOD[name]()), data_files.media_type(name))
    assert without_version(found.metadata) == TableMetadata(**EXPECTED[name])
    assert found.warnings == WARNINGS.get(name, ())


def test_every_table_is_expected():
    tables = {name for name in data_files.GOOD if name.rpartition(".")[2] in {"csv", "tsv", "ndjson", "parquet"}}
    assert EXPECTED.keys() == tables | {name for name in data_files.GOOD if ".arrow" in name}


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("", "empty"),
        (" ", "empty"),
        ("0", "integer"),
        ("-17", "integer"),
        ("007", "text"),
        ("1.", "number"),
        (".5", "number"),
        ("-1.5e-3", "number"),
        (".", "text"),
        ("1,5", "text"),
        ("nan", "text"),
        ("TRUE", "boolean"),
        ("2024-02-29", "date"),
        ("2023-02-29", "text"),
        ("2024-02-29T12:00:00+02:00", "datetime"),
        ("2024-02-29 12:00", "datetime"),
        ("2024-02-29 25:00", "text"),
        ("1" * 65, "text"),
    ],
)
def test_what_a_text_stands_for(text, type_):
    assert text_type(text) == type_


def test_a_csv_beyond_the_bound_has_no_number_of_rows(monkeypatch):
    monkeypatch.setattr(_delimited, "MAX_ROWS", 5)
    found = table.describe(io.BytesIO(b"a,b\n" + b"1,2\n" * 9), "text/csv")
    assert found.metadata == TableMetadata(
        format="csv", encoding="utf-8", delimiter="comma", header=True, **columns(a="integer", b="integer")
    )
    assert found.warnings == (f"the table is longer than {_delimited.MAX_BYTES} characters or 5 rows",)


def test_an_ndjson_beyond_the_bound_has_no_number_of_rows(monkeypatch):
    monkeypatch.setattr(_json_lines, "MAX_ROWS", 5)
    found = table.describe(io.BytesIO(b'{"a": 1}\n' * 9), "application/x-ndjson")
    assert found.metadata == TableMetadata(format="ndjson", **columns(a="integer"))
    assert found.warnings == (f"there is more than {_json_lines.MAX_BYTES} bytes or 5 lines",)


def test_only_the_first_rows_tell_the_types():
    content = b"n\n" + b"1\n" * 1000 + b"x\n"
    assert table.describe(io.BytesIO(content), "text/csv").metadata.columns == (Column(name="n", type="integer"),)


def test_columns_beyond_their_bound_are_not_counted():
    columns = Columns()
    for number in range(10_001):
        columns.see(str(number), "text")
    assert columns.total is None
    assert len(columns.listed()) == 64


def test_names_take_bounded_memory():
    columns = Columns()
    columns.see("x" * 1_000_001, "text")
    assert (columns.total, columns.listed()) == (None, ())


def test_a_long_name_and_type_are_cut_to_64_bytes():
    column = Column(name="ü" * 100, type="struct<" + "x" * 100)
    assert (column.name, column.type) == ("ü" * 32, "struct<" + "x" * 57)


def test_a_type_without_a_reader_is_unreadable():
    with pytest.raises(Unreadable):
        table.describe(io.BytesIO(b"x"), "application/x-unheard-of")
