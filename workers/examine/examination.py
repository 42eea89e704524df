"""The values around an examination: what is asked, and what is found; it leaves the finding to examine.py."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.findings import MAX_FINDINGS, Finding
from shared.ingest import Reason
from shared.metadata import Metadata, Text
from shared.metadata.fields import Seconds

MAX_WARNINGS = 64

# It goes into headers as it is, so it is printable ASCII without spaces: RFC 9110, section 8.3.1.
MediaType = Annotated[Text, Field(pattern=r"^[!-~]+$", max_length=255)]


class Claim(BaseModel):
    """What the sender says of the file; None where it says nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    declared_type: Text | None = None
    filename: Text | None = None


class Examine(BaseModel):
    """The question what a file is; the answer is an Examination as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ask: Literal["examine"] = "examine"
    claim: Claim = Claim()
    keep_location: bool = False
    """Whether the metadata may tell where it was taken."""


class MakePreview(BaseModel):
    """The wish for a small picture of an examined file; the answer is a WebP, empty where none can be made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ask: Literal["preview"] = "preview"
    media_type: Text
    kind: Text


Question = Annotated[Examine | MakePreview, Field(discriminator="ask")]


class Examination(BaseModel):
    """What we found. A reason is the file's fault; media_type and kind are None where we never got that far."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    media_type: MediaType | None = None
    kind: Text | None = None
    metadata: Metadata | None = None
    warnings: Annotated[tuple[Text, ...], Field(max_length=MAX_WARNINGS)] = ()
    reason: Reason | None = None
    detail: Text | None = None
    seconds: dict[Text, Seconds] = Field(default_factory=dict, max_length=8)
    """Wall time by step."""
    findings: Annotated[tuple[Finding, ...], Field(max_length=MAX_FINDINGS)] = ()
    """Dangers, which the policy decides on."""
