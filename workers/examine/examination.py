"""The values around an examination: what the sender claims and what we find; it leaves the finding to examine.py."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.ingest import Reason
from shared.metadata import Metadata, Text

MAX_WARNINGS = 64


class Claim(BaseModel):
    """What the sender says of the file; None where it says nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    declared_type: Text | None = None
    filename: Text | None = None


class Examination(BaseModel):
    """What we found. A reason is the file's fault; media_type and kind are None where we never got that far."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    media_type: Text | None = None
    kind: Text | None = None
    metadata: Metadata | None = None
    warnings: Annotated[tuple[Text, ...], Field(max_length=MAX_WARNINGS)] = ()
    reason: Reason | None = None
    detail: Text | None = None
    seconds: dict[Text, float] = Field(default_factory=dict, max_length=8)
    """Wall time by step."""
