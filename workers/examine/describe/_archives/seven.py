"""7z, by py7zr, headers alone: its readers unpack no more than these declare; nothing is unpacked here.

https://py7zr.readthedocs.io/en/latest/archive_format.html
"""

from typing import IO, BinaryIO, cast

from py7zr import SevenZipFile, archiveinfo
from py7zr.exceptions import Bad7zFile, PasswordRequired

from workers.examine.describe import Unreadable
from workers.examine.describe._archives.guarded import Guarded
from workers.examine.describe._archives.limits import MAX_DIRECTORY_BYTES, MAX_ENTRIES, bomb
from workers.examine.describe._archives.names import check_mode
from workers.examine.describe._archives.tally import Tally

_TOO_MUCH = "exceeds limit"


def prepare() -> None:
    """Lower what py7zr takes from a header, which it holds in memory as lists of dictionaries."""
    for name in ("MAX_NUMFILES", "MAX_NUMFOLDERS", "MAX_SUBSTREAMS"):
        setattr(archiveinfo, name, MAX_ENTRIES)
    archiveinfo.MAX_HEADER_SIZE = MAX_DIRECTORY_BYTES


def read(file: BinaryIO, tally: Tally) -> None:
    """Count every entry as it is declared."""
    tally.declared = True
    try:
        archive = SevenZipFile(cast("IO[bytes]", Guarded(file, MAX_DIRECTORY_BYTES)))
    except PasswordRequired:
        tally.encrypted = True
        tally.closed = "its directory is encrypted, so nothing in it could be read"
        return
    except Bad7zFile as fault:
        if _TOO_MUCH in str(fault):
            raise bomb("Its headers hold more than their limit.") from fault
        raise
    tally.encrypted = archive.password_protected
    for member in archive.files:
        link = member.is_symlink or member.is_junction
        check_mode(member.st_fmt or 0)
        tally.enter(member.filename, folder=member.is_directory and not link, link=link)
        if member.uncompressed < 0:
            raise Unreadable("An entry ends before it begins.")
        tally.count(member.uncompressed)
        tally.judge_by_name(member.filename)
    if tally.symlinks:
        tally.warnings.append("where its links lead could not be read")
