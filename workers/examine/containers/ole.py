"""OLE files by the streams in them: old Office documents, Outlook's messages, installers; by olefile.

https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb
"""

import struct

import olefile

from shared.media_types import OLE
from workers.examine.content import Content

_MAX_BYTES = 2 * 1024**3
"""A larger file has a sector table that is not worth reading to learn a type; old Office cannot write one."""

_STREAMS = {
    "EncryptedPackage": "application/encrypted",
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
    "__properties_version1.0": "application/vnd.ms-outlook",
}
_INSTALLER = "-0000-0000-C000-000000000046"
_INSTALLERS = tuple(f"{number}{_INSTALLER}" for number in ("000C1082", "000C1084", "000C1086"))
"""Classes of Windows Installer's transforms, packages and patches."""


def look(content: Content) -> str | None:
    """Return what the root storage holds; OLE's own type where that is nothing that we know."""
    if not content.head.startswith(olefile.MAGIC):
        return None
    if content.size > _MAX_BYTES:
        return OLE
    content.file.seek(0)
    try:
        storage = olefile.OleFileIO(content.file)
    except (OSError, ValueError, IndexError, RecursionError, struct.error, TypeError, AttributeError):
        return OLE  # broken: whoever describes it says so
    if storage.root.clsid in _INSTALLERS:
        return "application/x-msi"
    names = {entry.name for entry in storage.root.kids}
    return next((media_type for name, media_type in _STREAMS.items() if name in names), OLE)
