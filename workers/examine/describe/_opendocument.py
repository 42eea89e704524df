"""OpenDocument, ODF 1.3: text, sheets, slides and drawings; it leaves the zip to _package.py.

The parts are those of ODF 1.3 part 2; what stands in them is part 3's.
"""

from collections.abc import Mapping
from contextlib import suppress
from posixpath import basename

from shared.metadata import MAX_NAMES, OfficeMetadata
from workers.examine.describe import Described, Unreadable
from workers.examine.describe._found import OF_SHEETS, OF_SLIDES, Found, number
from workers.examine.describe._package import Overlong, Package
from workers.examine.describe._times import from_iso
from workers.examine.describe._xml import texts, walk

TYPE = "application/vnd.oasis.opendocument."

_FORMATS = {
    "text": "odt",
    "text-template": "ott",
    "text-master": "odm",
    "text-web": "oth",
    "spreadsheet": "ods",
    "spreadsheet-template": "ots",
    "presentation": "odp",
    "presentation-template": "otp",
    "graphics": "odg",
    "graphics-template": "otg",
    "chart": "odc",
    "formula": "odf",
    "image": "odi",
    "base": "odb",
}
_SHEETS, _SLIDES = frozenset({"ods", "ots"}), frozenset({"odp", "otp"})
_DRAWINGS = frozenset({"odg", "otg"})

_LIBRARY_LISTS = frozenset({"script-lc.xml", "script-lb.xml", "dialog-lc.xml", "dialog-lb.xml"})
"""Every document may have these; they list programs and are none."""


def describe(package: Package, media_type: str) -> Described:
    """Return what the parts tell; raise Unreadable where they contradict the format."""
    format_ = _FORMATS.get(media_type.removeprefix(TYPE))
    if format_ is None:
        raise Unreadable("The package's type is none of OpenDocument's.")
    lacking = (frozenset() if format_ in _SHEETS else OF_SHEETS) | (frozenset() if format_ in _SLIDES else OF_SLIDES)
    found = Found(lacking, {"format": format_, "encrypted": _encrypted(package), "macros": _has_macros(package)})
    if found.fields["encrypted"]:
        warning = "the document is encrypted, so nothing in it could be read"
        return Described(OfficeMetadata(**found.fields), (warning,))
    content = _Content()
    with suppress(Overlong):
        for part in ("meta.xml", "content.xml", "styles.xml"):
            if part in package:
                walk(package.pieces(part), content.start)
        found.fields |= content.fields(format_)
    with suppress(Overlong):
        _read_properties(package, content.statistic, found)
    return found.described(*package.warnings)


def _encrypted(package: Package) -> bool:
    entries: list[str] = []

    def start(path: list[str], _: Mapping[str, str]) -> None:
        entries.extend(path[-1:] if path[-1] == "encryption-data" and not entries else ())

    if "META-INF/manifest.xml" in package:
        walk(package.pieces("META-INF/manifest.xml"), start)
    return bool(entries)


def _has_macros(package: Package) -> bool:
    files = [name for name in package.names if not name.endswith("/")]
    return any(name.startswith(("Basic/", "Scripts/")) and basename(name) not in _LIBRARY_LISTS for name in files)


class _Content:
    """Counts what is in the parts, element by element."""

    def __init__(self) -> None:
        self.statistic: Mapping[str, str] = {}
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._names: list[str] = []
        self._sheets = self._hidden = self._pages = self._objects = self._external = 0

    def start(self, path: list[str], attributes: Mapping[str, str]) -> None:
        name = path[-1]
        if name == "table" and path[-2:-1] == ["spreadsheet"]:
            self._sheets += 1
            self._hidden += attributes.get("style-name") in self._hidden_styles
            self._names.extend([attributes.get("name", "")][: MAX_NAMES - len(self._names)])
        elif name == "page" and path[-2:-1] in (["presentation"], ["drawing"]):
            self._pages += 1
        elif name == "style":
            self._style = attributes.get("name", "")
        elif name == "table-properties" and attributes.get("display") == "false":
            self._hidden_styles.add(self._style)
        elif name == "document-statistic":
            self.statistic = dict(attributes)
        self._objects += name in {"object", "object-ole"}
        self._external += name != "a" and "://" in attributes.get("href", "")

    def fields(self, format_: str) -> Mapping[str, object]:
        """Return what was counted, for each format what it has."""
        found: dict[str, object] = {"external_references": self._external, "embedded_objects": self._objects}
        if format_ in _SHEETS:
            found |= {"sheets": self._sheets, "hidden_sheets": self._hidden, "sheet_names": tuple(self._names)}
        if format_ in _SLIDES:
            found["slides"] = self._pages
        if format_ in _DRAWINGS:
            found["pages"] = self._pages
        return found


def _read_properties(package: Package, statistic: Mapping[str, str], found: Found) -> None:
    """Read what the writing program noted: ODF 1.3 part 3, section 4.3."""
    if "meta.xml" not in package:
        return
    wanted = ("title", "initial-creator", "creator", "language", "generator", "creation-date", "date")
    told = texts(package.pieces("meta.xml"), *wanted)
    found.tell("title", told.get("title"), str)
    found.tell("author", told.get("initial-creator", told.get("creator")), str)
    found.tell("language", told.get("language"), str)
    found.tell("application", told.get("generator"), str)
    found.tell("created", told.get("creation-date"), from_iso)
    found.tell("modified", told.get("date"), from_iso)
    found.tell("words", statistic.get("word-count"), number)
    if found.fields["format"] not in _DRAWINGS:
        found.tell("pages", statistic.get("page-count"), number)
