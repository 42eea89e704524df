"""Tells containers apart, one module for each family beside this one; it leaves texts to workers/examine/texts."""

from workers.examine.containers import boxes, columns, marks, matroska, ogg, ole, pdf, tar, transport, zipped
from workers.examine.content import Content

_LOOKS = (
    zipped.look,
    boxes.look,
    matroska.look,
    ogg.look,
    ole.look,
    columns.look,
    marks.look,
    tar.look,
    transport.look,
    pdf.look,
)


def look(content: Content) -> str | None:
    """Return the type that the first family to know the content's mark finds inside, else None."""
    return next((found for one in _LOOKS if (found := one(content))), None)
