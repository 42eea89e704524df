"""Whether content, declared type and extension agree; it leaves looking to identify.py, the table to media_types."""

from pathlib import PurePosixPath

from shared.media_types import Family, declared, families_of_name, families_of_type


def disagreement(content: str, declared_type: str | None, filename: str | None) -> str | None:
    """Return in words where the claims contradict the content; None where they agree or claim nothing."""
    said = declared(declared_type)
    if not _agree(content, families_of_type(said)):
        return f"The content is {content}, the declared type is {said}."
    if not _agree(content, families_of_name(filename)):
        return f"The content is {content}, the extension is {PurePosixPath(filename or '').suffix.lower()}."
    return None


def _agree(content: str, claimed: list[Family]) -> bool:
    shown = families_of_type(content)
    if not claimed or any(family.bears_out(claim) for family in shown for claim in claimed):
        return True
    # Content that nobody recognises may be any format that has no firm mark, such as text in a rare encoding.
    return not shown and not any(family.firm for family in claimed)
