"""Dangers found in a content, for the policy to decide on; it leaves finding them to workers/examine/dangers."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from shared.metadata import Text

MAX_FINDINGS = 16


class Danger(StrEnum):
    """What a content may do to whoever opens it."""

    EXECUTABLE = "executable"
    """It is a program."""
    SCRIPT = "script"
    """Its first line hands it to an interpreter."""
    ACTIVE_CONTENT = "active_content"
    """It is HTML or SVG, and more than a still page or picture."""
    POLYGLOT = "polyglot"
    """It is valid in a second format."""
    TRAILER = "trailer"
    """Something harmless, or unknown, follows the picture's end: phones put clips and depth maps there."""


class Finding(BaseModel):
    """One danger and what shows it, in a sentence for the sender."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    danger: Danger
    detail: Text
