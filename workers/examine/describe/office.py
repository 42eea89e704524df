"""Office documents: finds the format and leaves reading each to a module of its own beside this one."""

from typing import BinaryIO

from workers.examine.describe import Described, Unreadable, _epub, _ole, _ooxml, _opendocument, _properties
from workers.examine.describe._compound import MARK
from workers.examine.describe._package import MAX_BYTES, Overlong, Package

KIND = "office"

_ZIP_MARK = b"PK"
_MIMETYPE = "mimetype"
_MAX_TYPE_BYTES = 256


def prepare() -> None:
    """Load the codecs that old documents name."""
    _properties.prepare()


def describe(file: BinaryIO, media_type: str) -> Described:
    """Return what the document tells of itself.

    The content decides on the format, since a locked docx is an OLE file. Raise Refused where a part is a bomb.
    """
    del media_type
    file.seek(0)
    head = file.read(len(MARK))
    if head == MARK:
        return _ole.describe(file)
    if head.startswith(_ZIP_MARK):
        return _packaged(Package(file))
    raise Unreadable("The content is no office document.")


def _packaged(package: Package) -> Described:
    try:
        if _ooxml.MARK in package:
            return _ooxml.describe(package)
        if (type_ := _type(package)).startswith(_opendocument.TYPE):
            return _opendocument.describe(package, type_)
        if type_ == _epub.TYPE:
            return _epub.describe(package)
    except Overlong as fault:
        raise Unreadable(f"What the document says of its parts unpacks to more than {MAX_BYTES} bytes.") from fault
    raise Unreadable("The zip is no office document.")


def _type(package: Package) -> str:
    """Return what the part says that is there to tell the type: ODF 1.3 part 2, section 3.3; EPUB 3.3, section 4.2."""
    if _MIMETYPE not in package:
        return ""
    return next(package.pieces(_MIMETYPE), b"")[:_MAX_TYPE_BYTES].decode("ascii", "replace").strip()
