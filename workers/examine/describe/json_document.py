"""JSON documents, by yajl as a stream of events; it leaves one value on each line to table.py."""

import codecs
from dataclasses import dataclass, field
from typing import BinaryIO

from shared.metadata.data import MAX_COLUMNS, JsonMetadata
from workers.examine.describe import Described, Unreadable
from workers.examine.describe._bounds import SAMPLED_ROWS, BeyondBound
from workers.examine.describe._characters import marked_encoding, name_of, prepare
from workers.examine.describe._columns import Columns, value_type
from workers.examine.describe._json_events import CLOSING, OPENING, Readable, events

__all__ = ["KIND", "describe", "prepare"]

KIND = "json"

_MAX_OPEN_KEYS = 200_000
"""Keys of the objects that are open at once which are kept to find a second one like them."""

_NAMES = {"start_map": "object", "start_array": "array"}

# Type → the member that it must have: https://www.rfc-editor.org/rfc/rfc7946#section-3
_GEOJSON = {
    "FeatureCollection": "features",
    "Feature": "geometry",
    "GeometryCollection": "geometries",
    **dict.fromkeys(("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"), "coordinates"),
}


@dataclass(slots=True)
class _Seen:
    """What was seen of a document so far."""

    root: str | None = None
    values: int = 0
    depth: int = 0
    keys: list[str] = field(default_factory=list)
    keys_total: int = 0
    root_key: str = ""
    inner_key: str = ""
    """The latest keys of the root and of what stands in it."""
    type: str = ""
    """The root object's member of that name."""
    geojson_members: set[str] = field(default_factory=set)
    items: int = 0
    features: int = 0
    only_objects: bool = True
    columns: Columns = field(default_factory=Columns)
    open_keys: list[set[int]] = field(default_factory=list)
    """Hashes of the keys of each object and array that is open."""
    kept: int = 0
    duplicates: bool | None = False


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return what the document is made of; raise Unreadable where it is no JSON from its first byte to its last."""
    del media_type
    encoding = marked_encoding(file) or "utf-8"
    seen = _Seen()
    try:
        for level, event, value in events(_as_utf8(file, encoding)):
            _see(seen, level, event, value)
    except BeyondBound as bound:
        return Described(_metadata(seen, encoding, whole=False), (f"{bound}, so its values could not be counted",))
    except UnicodeError as fault:
        raise Unreadable(f"The text is not {name_of(encoding)} as its mark says.") from fault
    return Described(_metadata(seen, encoding, whole=True))


def _as_utf8(file: BinaryIO, encoding: str) -> Readable:
    """Return the file without its mark, in the one encoding that the parser reads."""
    file.seek(0)
    if encoding == "utf-8":
        return file
    return codecs.EncodedFile(file, "utf-8", encoding)


def _see(seen: _Seen, level: int, event: str, value: object) -> None:
    if event in CLOSING:
        seen.kept -= len(seen.open_keys.pop())
        return
    if event == "map_key":
        _see_key(seen, level, str(value))
        return
    seen.values += 1
    if level == 0:
        seen.root = _NAMES.get(event, event)
    elif level == 1:
        _see_member(seen, event, value)
    elif level == 2:  # noqa: PLR2004 - as above
        _see_inner_member(seen, event, value)
    if event in OPENING:
        seen.open_keys.append(set())
        seen.depth = max(seen.depth, level + 1)


def _see_key(seen: _Seen, level: int, key: str) -> None:
    if level == 1:
        seen.keys_total += 1
        if len(seen.keys) < MAX_COLUMNS:
            seen.keys.append(key)
        seen.root_key = key
    elif level == 2:  # noqa: PLR2004 - a member of a member
        seen.inner_key = key
    known, hashed = seen.open_keys[-1], hash(key)
    if hashed in known:
        seen.duplicates = True
    elif seen.kept < _MAX_OPEN_KEYS:
        known.add(hashed)
        seen.kept += 1
    elif not seen.duplicates:
        seen.duplicates = None


def _see_member(seen: _Seen, event: str, value: object) -> None:
    """See a member of the root: an item of an array, or what an object has under its latest key."""
    if seen.root == "array":
        seen.items += 1
        seen.only_objects &= event == "start_map" or seen.items > SAMPLED_ROWS
    elif seen.root_key == "type" and event == "string":
        seen.type = str(value)
    elif seen.root_key in _GEOJSON.values():
        seen.geojson_members.add(seen.root_key)


def _see_inner_member(seen: _Seen, event: str, value: object) -> None:
    """See a member of a member of the root."""
    if seen.root == "object":
        seen.features += seen.root_key == "features"
    elif seen.only_objects and seen.items <= SAMPLED_ROWS:
        seen.columns.see(seen.inner_key, _type(event, value))


def _type(event: str, value: object) -> str:
    return _NAMES.get(event) or value_type(value)


def _metadata(seen: _Seen, encoding: str, *, whole: bool) -> JsonMetadata:
    is_array, is_object = seen.root == "array", seen.root == "object"
    records = is_array and seen.only_objects and seen.items > 0
    geojson = seen.type if _GEOJSON.get(seen.type) in seen.geojson_members else None
    return JsonMetadata(
        root=seen.root,
        encoding=name_of(encoding),
        values=seen.values if whole else None,
        depth=seen.depth if whole else None,
        keys=tuple(seen.keys),
        keys_total=seen.keys_total if is_object and whole else None,
        items=seen.items if is_array and whole else None,
        columns=seen.columns.listed() if records else (),
        columns_total=seen.columns.total if records else None,
        duplicate_keys=seen.duplicates if whole or seen.duplicates else None,
        geojson=geojson,
        features=seen.features if geojson == "FeatureCollection" and whole else None,
    )
