"""Tar by its header, for libmagic misses the old ones and those of one name; it leaves unpacking to the describers."""

from workers.examine.content import Content

_BLOCK = 512
_SUM = slice(148, 156)


def look(content: Content) -> str | None:
    """Return application/x-tar where the first header's sum is right: POSIX, pax, "ustar Interchange Format"."""
    header = content.head[:_BLOCK]
    if len(header) < _BLOCK or not header[0]:
        return None
    try:
        said = int(header[_SUM].strip(b" \0"), 8)
    except ValueError:
        return None
    return "application/x-tar" if said == sum(header) - sum(header[_SUM]) + 8 * ord(" ") else None
