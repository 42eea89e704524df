"""Tables, JSON and arrays of numbers: what is told of them; it leaves reading them to workers/examine."""

from typing import Annotated, Literal

from pydantic import Field

from shared.metadata.fields import Count, Model, Text, cut

MAX_COLUMNS = 64
MAX_ARRAYS = 64
MAX_DIMENSIONS = 64
MAX_PROPERTIES = 16

Label = Annotated[Text, cut(64)]


class Column(Model):
    """One column of a table, or one member of its records."""

    name: Label | None = Field(None, description="Its name, cut to 64 bytes; null where nothing names it for certain")
    type: Label = Field(
        description="Parquet and Arrow: the type in Arrow's words. Otherwise what the first 1000 rows show: integer, "
        "number, boolean, date, datetime, text, empty; in JSON also object, array and mixed"
    )


Columns = Annotated[tuple[Column, ...], Field(max_length=MAX_COLUMNS)]


class TableMetadata(Model):
    """Rows and columns: CSV, TSV, NDJSON, Parquet or Arrow. Fields that its format does not have are null."""

    kind: Literal["table"] = "table"
    format: Text = Field(description="csv, tsv, ndjson, parquet or arrow")
    rows: Count | None = Field(None, description="Number of rows without the header; null beyond a bound")
    columns: Columns = Field((), description="The first 64 columns in their order")
    columns_total: Count | None = Field(None, description="Number of all columns")
    encoding: Text | None = Field(None, description="CSV, TSV: character encoding by Python's name, such as utf-8")
    delimiter: Text | None = Field(None, description="CSV, TSV: comma, semicolon, tab or pipe; null for one column")
    header: bool | None = Field(None, description="CSV, TSV: whether the first row names the columns, where it shows")
    ragged_rows: Count | None = Field(None, description="CSV, TSV: rows of another length than the first")
    row_groups: Count | None = Field(None, description="Parquet: number of row groups; Arrow: of record batches")
    compression: tuple[Label, ...] | None = Field(
        None, max_length=16, description="Parquet, Arrow: codecs of the first row groups; empty where there is none"
    )
    created_by: Label | None = Field(None, description="Parquet: program that wrote it; null where it names none")
    encrypted: bool | None = Field(None, description="Parquet: whether a key is needed to read a part of it")


class JsonMetadata(Model):
    """One JSON document. What counts the whole of it is null where it goes on beyond a bound."""

    kind: Literal["json"] = "json"
    root: Text | None = Field(None, description="Type of the whole: object, array, string, number, boolean or null")
    encoding: Text | None = Field(None, description="Character encoding by Python's name, such as utf-8")
    values: Count | None = Field(None, description="Number of values, with objects, arrays and nulls among them")
    depth: Count | None = Field(None, description="How deep objects and arrays are nested; 0 for a lone value")
    keys: Annotated[tuple[Label, ...], Field(max_length=MAX_COLUMNS)] = Field(
        (), description="First 64 keys of an object at the root, each cut to 64 bytes"
    )
    keys_total: Count | None = Field(None, description="Number of its keys; null where the root is no object")
    items: Count | None = Field(None, description="Number of items of an array at the root")
    columns: Columns = Field((), description="First 64 keys of the first 1000 items, where all of those are objects")
    columns_total: Count | None = Field(None, description="Number of all keys of those items")
    duplicate_keys: bool | None = Field(None, description="Whether an object has a key twice: readers differ on those")
    geojson: Text | None = Field(None, description="Type of a GeoJSON object, such as FeatureCollection")
    features: Count | None = Field(None, description="Number of features of a FeatureCollection")


class Array(Model):
    """One array of numbers, or of whatever its type says."""

    name: Label | None = Field(None, description="Its name or path, cut to 64 bytes; null where the format has none")
    shape: Annotated[tuple[Count, ...], Field(max_length=MAX_DIMENSIONS)] | None = Field(
        None, description="Length along each dimension; null for HDF5's empty data sets"
    )
    dtype: Label = Field(description="Type of an element in the words of its format, such as float32 or BF16")
    bytes: Count | None = Field(None, description="Its size when unpacked; null where elements have no fixed size")
    fortran_order: bool | None = Field(None, description="NumPy: whether the first index moves fastest")
    compression: Label | None = Field(None, description="HDF5: compression filter; null where there is none")
    attributes: Count | None = Field(None, description="HDF5: number of its attributes")


class ArraysMetadata(Model):
    """Arrays: NumPy, HDF5 or safetensors. Fields that its format does not have are null."""

    kind: Literal["arrays"] = "arrays"
    format: Text = Field(description="npy, npz, hdf5 or safetensors")
    version: Text | None = Field(None, description="NPY: version of the format")
    arrays: Annotated[tuple[Array, ...], Field(max_length=MAX_ARRAYS)] = Field(
        (), description="The first 64 arrays in the order in which they were found"
    )
    arrays_total: Count | None = Field(None, description="Number of all arrays; null beyond a bound, as the sums are")
    elements: Count | None = Field(None, description="Number of elements of all arrays together")
    bytes: Count | None = Field(None, description="Size of all arrays whose elements have a fixed size, unpacked")
    contains_pickle: bool | None = Field(
        None, description="NumPy: whether it holds Python objects, whose loading may run any code; they are not loaded"
    )
    groups: Count | None = Field(None, description="HDF5: number of groups below the root")
    external: bool | None = Field(None, description="HDF5: whether it points to other files; none is ever followed")
    properties: Annotated[dict[Label, Label], Field(max_length=MAX_PROPERTIES)] | None = Field(
        None, description="safetensors: the first 16 entries of its own metadata, each cut to 64 bytes"
    )
