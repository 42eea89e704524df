"""Office Open XML, ECMA-376: Word, Excel and PowerPoint since 2007; it leaves the zip to _package.py.

A document is a zip of parts, and relationships tell which part is what (part 2, sections 6 and 7).
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from posixpath import normpath

from shared.metadata import MAX_NAMES
from workers.examine.describe import Described, Unreadable
from workers.examine.describe._found import OF_SHEETS, OF_SLIDES, Found, number
from workers.examine.describe._package import Overlong, Package
from workers.examine.describe._times import from_iso
from workers.examine.describe._xml import texts, walk

MARK = "[Content_Types].xml"

MAX_RELATIONSHIP_PARTS = 4096
"""A part's relationships stand in a part of their own; beyond this number they are not read."""

# What comes before ".main+xml" in the main part's type: part 1, annex A; [MS-OFFMACRO2], section 2.2.
_FORMATS = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template": "dotx",
    "application/vnd.ms-word.document.macroenabled": "docm",
    "application/vnd.ms-word.template.macroenabledtemplate": "dotm",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template": "xltx",
    "application/vnd.ms-excel.sheet.macroenabled": "xlsm",
    "application/vnd.ms-excel.template.macroenabled": "xltm",
    "application/vnd.ms-excel.addin.macroenabled": "xlam",
    "application/vnd.ms-excel.sheet.binary.macroenabled": "xlsb",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.presentationml.template": "potx",
    "application/vnd.openxmlformats-officedocument.presentationml.slideshow": "ppsx",
    "application/vnd.ms-powerpoint.presentation.macroenabled": "pptm",
    "application/vnd.ms-powerpoint.template.macroenabled": "potm",
    "application/vnd.ms-powerpoint.slideshow.macroenabled": "ppsm",
    "application/vnd.ms-powerpoint.addin.macroenabled": "ppam",
}

_SHEETS = frozenset({"xlsx", "xltx", "xlsm", "xltm", "xlam", "xlsb"})
_SLIDES = frozenset({"pptx", "potx", "ppsx", "pptm", "potm", "ppsm", "ppam"})

_ROOT = frozenset({"officedocument", "core-properties", "extended-properties"})
_MACROS = frozenset({"vbaproject", "xlmacrosheet", "xlintlmacrosheet"})
"""The last words of relationships' types to programs: [MS-OFFMACRO2], section 2.2; [MS-XLSX], section 2.1."""


def describe(package: Package) -> Described:
    """Return what the parts tell. Raise Unreadable without a main part, Overlong where that cannot be told."""
    root = _root(package)
    main = root.get("officedocument", "")
    if main not in package:
        raise Unreadable("The package has no main part.")
    format_ = _format(package, main)
    lacking = (frozenset() if format_ in _SHEETS else OF_SHEETS) | (frozenset() if format_ in _SLIDES else OF_SLIDES)
    found = Found(lacking, {"format": format_, "encrypted": False})
    found.fields["embedded_objects"] = sum("/embeddings/" in name.lower() for name in package.names)
    _read_relationships(package, found)
    with suppress(Overlong):
        if format_ in _SLIDES:
            found.fields |= _slides(package, main)
        elif format_ in _SHEETS and format_ != "xlsb":  # whose workbook is no XML
            found.fields |= _sheets(package, main)
        _read_properties(package, root, found)
    return found.described(*package.warnings)


def _read_relationships_of(package: Package, part: str, see: Callable[[str, Mapping[str, str]], None]) -> None:
    """Call `see` for each relationship, with the last word of its type."""

    def start(path: list[str], attributes: Mapping[str, str]) -> None:
        if path[-1] == "Relationship":
            see(attributes.get("Type", "").rpartition("/")[2].lower(), attributes)

    walk(package.pieces(part), start)


def _root(package: Package) -> Mapping[str, str]:
    """Return where the parts stand that the document begins with, by the last word of their type."""
    found: dict[str, str] = {}

    def see(type_: str, relationship: Mapping[str, str]) -> None:
        if type_ in _ROOT:
            found[type_] = normpath("/" + relationship.get("Target", "")).lstrip("/")

    _read_relationships_of(package, "_rels/.rels", see)
    return found


def _format(package: Package, main: str) -> str:
    types: dict[str, str] = {}

    def start(_path: list[str], attributes: Mapping[str, str]) -> None:
        if attributes.get("PartName", "").lower() == f"/{main.lower()}":
            types["part"] = attributes.get("ContentType", "")
        elif attributes.get("Extension", "").lower() == main.lower().rpartition(".")[2]:
            types["extension"] = attributes.get("ContentType", "")

    walk(package.pieces(MARK), start)
    type_ = types.get("part", types.get("extension", "")).lower().removesuffix("+xml").removesuffix(".main")
    if type_ not in _FORMATS:
        raise Unreadable("The package's main part is not Word's, Excel's or PowerPoint's.")
    return _FORMATS[type_]


def _read_relationships(package: Package, found: Found) -> None:
    parts = [name for name in package.names if name.lower().endswith(".rels")]
    macros = any(name.lower().endswith("vbaproject.bin") for name in package.names)
    external = 0

    def see(type_: str, relationship: Mapping[str, str]) -> None:
        nonlocal macros, external
        macros = macros or type_ in _MACROS
        external += relationship.get("TargetMode") == "External" and type_ != "hyperlink"

    with suppress(Overlong):
        for part in parts[:MAX_RELATIONSHIP_PARTS]:
            _read_relationships_of(package, part, see)
        if len(parts) <= MAX_RELATIONSHIP_PARTS:
            found.fields |= {"macros": macros, "external_references": external}
    if macros:
        found.fields["macros"] = True


def _sheets(package: Package, main: str) -> Mapping[str, object]:
    states: list[str] = []
    names: list[str] = []

    def start(path: list[str], attributes: Mapping[str, str]) -> None:
        if path == ["workbook", "sheets", "sheet"]:
            states.append(attributes.get("state", "visible"))
            names.extend([attributes.get("name", "")][: MAX_NAMES - len(names)])

    walk(package.pieces(main), start)
    hidden = len(states) - states.count("visible")
    return {"sheets": len(states), "hidden_sheets": hidden, "sheet_names": tuple(names)}


def _slides(package: Package, main: str) -> Mapping[str, object]:
    slides = 0

    def start(path: list[str], _: Mapping[str, str]) -> None:
        nonlocal slides
        slides += path == ["presentation", "sldIdLst", "sldId"]

    walk(package.pieces(main), start)
    return {"slides": slides}


def _read_properties(package: Package, root: Mapping[str, str], found: Found) -> None:
    """Read what the writing program noted; pages and words stand nowhere else (part 1, section 22.2; part 2, 8)."""
    core, extended = root.get("core-properties", ""), root.get("extended-properties", "")
    if core in package:
        told = texts(package.pieces(core), "title", "creator", "language", "created", "modified")
        found.tell("title", told.get("title"), str)
        found.tell("author", told.get("creator"), str)
        found.tell("language", told.get("language"), str)
        found.tell("created", told.get("created"), from_iso)
        found.tell("modified", told.get("modified"), from_iso)
    if extended in package:
        told = texts(package.pieces(extended), "Application", "Pages", "Words")
        found.tell("application", told.get("Application"), str)
        found.tell("pages", told.get("Pages"), number)
        found.tell("words", told.get("Words"), number)
