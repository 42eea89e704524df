"""Describes files in the cage by the type that the claim declares, whether or not we would identify them as it."""

from collections.abc import Callable
from typing import BinaryIO

from shared.media_types import kind_of
from workers.examine.describe import Refused, describers
from workers.examine.examination import Examination, Question


def prepare() -> None:
    for describer in describers().values():
        describer.prepare()


def rehearse() -> None:
    """Nothing is needed."""


def answer(file: BinaryIO, question: Question, so_far: Callable[[bytes], None]) -> bytes:
    media_type = question.claim.declared_type
    try:
        described = describers()[kind_of(media_type)].describe(file, media_type)
        described = described.look_further() if described.look_further else described
    except Refused as fault:
        return Examination(reason=fault.reason, detail=str(fault)).model_dump_json().encode()
    return Examination(metadata=described.metadata, warnings=described.warnings).model_dump_json().encode()
