"""Whether content, declared type and extension agree; it leaves looking to identify.py, the table to media_types."""

from pathlib import PurePosixPath

from shared.media_types import FAMILIES, UNKNOWN, Family, families_of_type


def disagreement(content: str, declared: str | None, filename: str | None) -> str | None:
    """Return in words where the claims contradict the content; None where they agree or claim nothing."""
    declared_type = (declared or UNKNOWN).partition(";")[0].strip().lower()
    extension = PurePosixPath(filename or "").suffix.lower()
    if not _agree(content, families_of_type(declared_type)):
        return f"The content is {content}, the declared type is {declared_type}."
    if not _agree(content, [family for family in FAMILIES if extension in family.extensions]):
        return f"The content is {content}, the extension is {extension}."
    return None


def _agree(content: str, claimed: list[Family]) -> bool:
    shown = families_of_type(content)
    if not claimed or any(family in shown for family in claimed):
        return True
    # Content that nobody recognises may be any format that has no firm mark, such as text in a rare encoding.
    return not shown and not any(family.firm for family in claimed)
