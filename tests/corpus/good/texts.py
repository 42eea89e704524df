"""Texts in the encodings that people use, and texts that are data."""

import json

from tests.corpus.items import good

LETTER = "Sehr geehrte Frau Müller,\ndie Größe der Tür beträgt zwei Meter.\nMit freundlichen Grüßen\n"


@good(
    "a text in UTF-8",
    "letter.txt",
    "text/plain",
    "text/plain",
    {"kind": "text", "encoding": "utf-8", "lines": 3, "longest_line": 37},
)
def utf8() -> bytes:
    return LETTER.encode()


@good(
    "a text in UTF-16",
    "letter.txt",
    "text/plain",
    "text/plain",
    {"kind": "text", "encoding": "utf-16", "lines": 3, "longest_line": 37},
)
def utf16() -> bytes:
    return LETTER.encode("utf-16")


@good(
    "a text in Latin-1",
    "letter.txt",
    "text/plain",
    "text/plain",
    {"kind": "text", "encoding": "cp1252", "language": "de", "lines": 30, "longest_line": 37},
    warnings=("encoding is inferred from a part of the text",),
)
def latin1() -> bytes:
    return (LETTER * 10).encode("latin-1")


@good(
    "a Japanese text in Shift-JIS",
    "letter.txt",
    "text/plain",
    "text/plain",
    {"kind": "text", "encoding": "cp932", "language": "ja", "lines": 40, "longest_line": 17},
    warnings=("encoding is inferred from a part of the text",),
)
def shift_jis() -> bytes:
    return ("吾輩は猫である。名前はまだ無い。\nどこで生れたかとんと見当がつかぬ。\n" * 20).encode("shift-jis")


@good(
    "a web page",
    "page.html",
    "text/html",
    "text/html",
    {"kind": "text", "encoding": "utf-8", "lines": 3, "longest_line": 50},
)
def html() -> bytes:
    return b"<!DOCTYPE html>\n<html lang='en'><head><title>A page</title></head>\n<body><p>Hello</p></body></html>\n"


@good(
    "an XML document",
    "list.xml",
    "application/xml",
    "text/xml",
    {"kind": "text", "encoding": "utf-8", "lines": 4, "longest_line": 38},
)
def xml() -> bytes:
    return b"<?xml version='1.0' encoding='utf-8'?>\n<list>\n<entry n='1'>one</entry>\n</list>\n"


@good(
    "a CSV table",
    "table.csv",
    "text/csv",
    "text/csv",
    {
        "kind": "table",
        "format": "csv",
        "rows": 20,
        "columns": [
            {"name": "id", "type": "integer"},
            {"name": "name", "type": "text"},
            {"name": "share", "type": "number"},
            {"name": "day", "type": "date"},
        ],
        "columns_total": 4,
        "encoding": "utf-8",
        "delimiter": "comma",
        "header": True,
        "ragged_rows": 0,
    },
)
def csv() -> bytes:
    rows = "".join(f"{n},name {n},{n / 4},2024-05-{n:02}\n" for n in range(1, 21))
    return f"id,name,share,day\n{rows}".encode()


@good(
    "a table with tabs",
    "table.tsv",
    "text/tab-separated-values",
    "text/tab-separated-values",
    {
        "kind": "table",
        "format": "tsv",
        "rows": 20,
        "columns": [{"name": "id", "type": "integer"}, {"name": "name", "type": "text"}],
        "columns_total": 2,
        "encoding": "utf-8",
        "delimiter": "tab",
        "header": True,
        "ragged_rows": 0,
    },
)
def tsv() -> bytes:
    return b"id\tname\n" + b"".join(b"%d\tname %d\n" % (n, n) for n in range(1, 21))


@good(
    "a JSON document",
    "record.json",
    "application/json",
    "application/json",
    {
        "kind": "json",
        "root": "object",
        "encoding": "utf-8",
        "values": 10,
        "depth": 3,
        "keys": ["id", "name", "parts", "more"],
        "keys_total": 4,
        "duplicate_keys": False,
    },
)
def json_() -> bytes:
    return json.dumps({"id": 1, "name": "one", "parts": [1, 2, 3], "more": {"deep": {"deeper": None}}}).encode()


@good(
    "JSON lines",
    "records.ndjson",
    "application/x-ndjson",
    "application/x-ndjson",
    {
        "kind": "table",
        "format": "ndjson",
        "rows": 20,
        "columns": [{"name": "id", "type": "integer"}, {"name": "name", "type": "text"}],
        "columns_total": 2,
    },
)
def ndjson() -> bytes:
    return b"".join(json.dumps({"id": n, "name": f"name {n}"}).encode() + b"\n" for n in range(20))


@good(
    "a map in GeoJSON",
    "map.geojson",
    "application/geo+json",
    "application/json",
    {
        "kind": "json",
        "root": "object",
        "encoding": "utf-8",
        "values": 21,
        "depth": 5,
        "keys": ["type", "features"],
        "keys_total": 2,
        "duplicate_keys": False,
        "geojson": "FeatureCollection",
        "features": 2,
    },
)
def geojson() -> bytes:
    point = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [9.25, 48.5]}, "properties": {"n": 1}}
    return json.dumps({"type": "FeatureCollection", "features": [point, point]}).encode()
