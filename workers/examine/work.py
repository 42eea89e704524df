"""What a caged child does: answers one question about one file; it leaves the answers to examine.py and preview."""

import io
from collections.abc import Callable
from typing import BinaryIO

from workers.examine import examine, preview
from workers.examine.examination import Claim, Examination, Examine, Question


def prepare() -> None:
    """Load whatever an answer needs, since a caged child can open nothing."""
    examine.prepare()
    preview.prepare()


def rehearse() -> None:
    """Examine bytes of our own."""
    examine.examine(io.BytesIO(b"a line\n"), Claim())


def answer(file: BinaryIO, question: Question, so_far: Callable[[bytes], None]) -> bytes:
    """Return the answer for a caller in another process, which is told of what is found so far."""
    if isinstance(question, Examine):
        found = examine.examine(
            file, question.claim, keep_location=question.keep_location, so_far=lambda found: so_far(_packed(found))
        )
        return _packed(found)
    return preview.preview(file, question.media_type, question.kind)


def _packed(found: Examination) -> bytes:
    return found.model_dump_json().encode()
