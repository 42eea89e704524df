"""The examination of one file, from its bytes to what Perception is told; it leaves every limit to workers/cage."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from pydantic import ValidationError

from shared.ingest import Reason
from shared.media_types import kind_of
from workers.examine import dangers, identify
from workers.examine.agreement import disagreement
from workers.examine.content import Content
from workers.examine.describe import Described, Refused, describers
from workers.examine.examination import MAX_WARNINGS, Claim, Examination


def prepare() -> None:
    """Load whatever an examination needs, since a caged child can open nothing."""
    identify.prepare()
    for describer in describers().values():
        describer.prepare()


def examine(
    file: BinaryIO,
    claim: Claim,
    *,
    keep_location: bool = False,
    so_far: Callable[[Examination], None] = lambda _: None,
) -> Examination:
    """Identify the content, compare it with the claim and, where they agree, look for dangers and describe it.

    A dangerous content is described too, since only the policy, outside of the cage, knows whether it is refused.
    Where it was taken is told with `keep_location` alone. `so_far` is told what is found before a describer looks
    for more at its own peril.
    """
    seconds: dict[str, float] = {}
    with _timed(seconds, "identify"):
        media_type = identify.identify(file, claim)
    found = Examination(media_type=media_type, kind=kind_of(media_type))
    if contradiction := disagreement(media_type, claim.declared_type, claim.filename):
        found = found.model_copy(update={"reason": Reason.CONTENT_MISMATCH, "detail": contradiction})
    else:
        with _timed(seconds, "dangers"):
            findings = dangers.find(Content.of(file), media_type)
        found = found.model_copy(update={"findings": findings})
        with _timed(seconds, "describe"):
            known = found
            told = _description(
                file,
                media_type,
                lambda told: so_far(known.model_copy(update=told)),
                keep_location=keep_location,
            )
            found = known.model_copy(update=told)
    return found.model_copy(update={"seconds": seconds})


def _description(
    file: BinaryIO, media_type: str, so_far: Callable[[dict[str, Any]], None], *, keep_location: bool
) -> dict[str, Any]:
    """Return what the describer adds to the examination; tell `so_far` what that is before it looks for more."""
    try:
        described = describers()[kind_of(media_type)].describe(file, media_type)
        if described.look_further:
            so_far(_told(described, keep_location=keep_location))
            described = described.look_further()
    except Refused as fault:
        return {"reason": fault.reason, "detail": str(fault)}
    except ValidationError:
        return {"reason": Reason.UNREADABLE, "detail": "A value in it is out of range."}
    return _told(described, keep_location=keep_location)


def _told(described: Described, *, keep_location: bool) -> dict[str, Any]:
    metadata = described.metadata
    if not keep_location and hasattr(metadata, "location"):
        metadata = metadata.model_copy(update={"location": None})
    return {"kind": metadata.kind, "metadata": metadata, "warnings": described.warnings[:MAX_WARNINGS]}


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    seconds[step] = time.perf_counter() - begun
