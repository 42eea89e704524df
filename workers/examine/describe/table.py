"""Tables: chooses the reader of each format; it leaves JSON documents to json_document.py, spreadsheets to others."""

from typing import BinaryIO

from workers.examine.describe import Described, Unreadable, _arrow, _characters, _delimited, _json_lines, _parquet

KIND = "table"


def prepare() -> None:
    """Load what a reader would load on first use."""
    _characters.prepare()
    _delimited.prepare()


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return columns and rows, read up to bounds; raise Unreadable where the content breaks its format."""
    match media_type:
        case "text/csv" | "application/csv" | "text/tab-separated-values":
            return _delimited.describe(file, media_type)
        case "application/x-ndjson" | "application/jsonl" | "application/x-jsonlines":
            return _json_lines.describe(file)
        case "application/vnd.apache.parquet" | "application/x-parquet":
            return _parquet.describe(file)
        case "application/vnd.apache.arrow.file" | "application/x-feather":
            return _arrow.describe_file(file)
        case "application/vnd.apache.arrow.stream":
            return _arrow.describe_stream(file)
    raise Unreadable(f"No reader of tables reads {media_type}.")
