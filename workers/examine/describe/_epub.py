"""EPUB 2 and 3: what the package document says; it leaves the zip to _package.py and the chapters unread.

https://www.w3.org/TR/epub-33/
"""

from collections.abc import Mapping
from contextlib import suppress

from workers.examine.describe import Described, Unreadable
from workers.examine.describe._found import OF_SHEETS, OF_SLIDES, Found
from workers.examine.describe._package import Overlong, Package
from workers.examine.describe._times import from_iso
from workers.examine.describe._xml import texts, walk

TYPE = "application/epub+zip"

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"

# Fonts alone are mixed up by these, and every reader undoes it: EPUB 3.3, section 4.4.
_OBFUSCATIONS = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})


def describe(package: Package) -> Described:
    """Return what the package document tells; raise Unreadable without one, Overlong where it cannot be told."""
    rootfiles = _attributes(package, _CONTAINER, "rootfile", "full-path")
    if not rootfiles:
        raise Unreadable("The EPUB names no package document.")
    encrypted = not _OBFUSCATIONS.issuperset(_attributes(package, _ENCRYPTION, "EncryptionMethod", "Algorithm"))
    found = Found(OF_SHEETS | OF_SLIDES | {"macros", "embedded_objects"}, {"format": "epub", "encrypted": encrypted})
    with suppress(Overlong):
        told = texts(package.pieces(rootfiles[0]), "title", "creator", "language")
        found.tell("title", told.get("title"), str)
        found.tell("author", told.get("creator"), str)
        found.tell("language", told.get("language"), str)
        _read_metas(package, rootfiles[0], found)
    return found.described(*package.warnings)


def _attributes(package: Package, part: str, element: str, attribute: str) -> list[str]:
    """Return an attribute's different values over all elements of a name; none without the part."""
    found: dict[str, None] = {}

    def start(path: list[str], attributes: Mapping[str, str]) -> None:
        if path[-1] == element and attribute in attributes:
            found[attributes[attribute]] = None

    if part in package:
        walk(package.pieces(part), start)
    return list(found)


def _read_metas(package: Package, part: str, found: Found) -> None:
    """Read the times and the program (EPUB 3.3, section 5.5), and count what stands outside (section 3.6)."""
    metas: dict[str, str] = {}
    external, latest = 0, ""

    def start(path: list[str], attributes: Mapping[str, str]) -> None:
        nonlocal external, latest
        latest = attributes.get("property", "")
        external += path[-1] == "item" and "://" in attributes.get("href", "")
        if attributes.get("name") == "generator":
            metas["generator"] = attributes.get("content", "")

    def end(path: list[str], text: str) -> None:
        if path[-1] == "meta" and latest == "dcterms:modified":
            metas["modified"] = text

    walk(package.pieces(part), start, end)
    found.fields["external_references"] = external
    found.tell("modified", metas.get("modified"), from_iso)
    found.tell("application", metas.get("generator"), str)
