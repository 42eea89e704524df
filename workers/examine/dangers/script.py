"""Scripts that name their interpreter in the first line, before whatever follows; it leaves other code alone."""

import re
from collections.abc import Iterator

from shared.findings import Danger, Finding
from workers.examine.content import Content

_SHEBANG = re.compile(rb"#![ \t]*/[^\n\0]{1,255}(?:\n|\Z)")


def find(content: Content, media_type: str) -> Iterator[Finding]:
    """Yield a finding where the system would hand the file to an interpreter: execve(2), "Interpreter scripts"."""
    del media_type
    if _SHEBANG.match(content.head):
        yield Finding(danger=Danger.SCRIPT, detail="The first line hands the content to an interpreter.")
