"""What a zip really is: a document, a program's archive, arrays; it leaves unpacking to the describers.

Only the directory's first MiB is read, and one entry unpacked, up to a bound: Office's list of what its parts are.
"""

import re
import zlib
from collections.abc import Callable
from itertools import islice

from shared.media_types import OFFICE, OPEN, ZIP
from workers.examine.containers._zip import Entry, entries, local_entries
from workers.examine.content import Content

_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
_MAX_ENTRIES = 4096
_MAX_PARTS_BYTES = 1024 * 1024
_PARTS = "[Content_Types].xml"

# The part that makes a package one of Word's, and so on: ECMA-376, part 1, section 11 and following.
_OFFICE_PARTS = {
    "word/document.xml": (f"{OFFICE}wordprocessingml.document", "application/vnd.ms-word.document.macroEnabled.12"),
    "xl/workbook.xml": (f"{OFFICE}spreadsheetml.sheet", "application/vnd.ms-excel.sheet.macroEnabled.12"),
    "xl/workbook.bin": ("application/vnd.ms-excel.sheet.binary.macroEnabled.12",) * 2,
    "ppt/presentation.xml": (
        f"{OFFICE}presentationml.presentation",
        "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    ),
}
_MACROS = re.compile(rb"\.macroEnabled(?:Template)?\.main\+xml", re.IGNORECASE)
# https://docs.oasis-open.org/office/OpenDocument/v1.3/os/part2-packages/ and https://www.w3.org/TR/epub-33/#sec-zip-container-mime
_NAMED = re.compile(rb"(?:application/epub\+zip|" + re.escape(OPEN).encode() + rb"[a-z]+(?:-template)?)\Z")
_MODEL_NAMES = (".usd", ".usda", ".usdc")


def look(content: Content) -> str | None:
    """Return the type of a zip; `application/zip` where it is no more than that."""
    if not content.head.startswith(_MARKS):
        return None
    found = tuple(islice(entries(content), _MAX_ENTRIES)) or tuple(islice(local_entries(content), _MAX_ENTRIES))
    return _named(content, found) or _office(content, found) or _by_names([entry.name for entry in found]) or ZIP


def _named(content: Content, found: tuple[Entry, ...]) -> str | None:
    """Return what the entry `mimetype` says, where it says what may be said."""
    entry = next((entry for entry in found if entry.name == "mimetype"), None)
    said = _NAMED.match(entry.data(content, 128).strip()) if entry else None
    return said[0].decode() if said else None


def _office(content: Content, found: tuple[Entry, ...]) -> str | None:
    by_name = {entry.name: entry for entry in found}
    types = next((types for part, types in _OFFICE_PARTS.items() if part in by_name), None)
    if types is None or _PARTS not in by_name:
        return None
    try:
        macros = _MACROS.search(by_name[_PARTS].data(content, _MAX_PARTS_BYTES))
    except zlib.error:
        return ZIP
    return types[bool(macros)]


def _by_names(names: list[str]) -> str | None:
    has: Callable[[str], bool] = set(names).__contains__
    if has("AndroidManifest.xml"):
        return "application/vnd.android.package-archive"
    if has("META-INF/container.xml"):
        return "application/epub+zip"
    if has("META-INF/MANIFEST.MF") or any(name.endswith(".class") for name in names):  # the manifest is optional
        return "application/java-archive"
    if has("doc.kml"):
        return "application/vnd.google-earth.kmz"
    if names and all(name.endswith(".npy") for name in names):
        return "application/x-npz"
    return "model/vnd.usdz+zip" if names and names[0].endswith(_MODEL_NAMES) else None
