"""The field types that all kinds share: cleaned, bounded and safe in JSON; it leaves the fields to each kind."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

MAX_TEXT_BYTES = 4096


def clean(value: object) -> object:
    """Drop control and format characters of a string and cut it to 4 KiB; leave anything else to its validator."""
    if not isinstance(value, str):
        return value
    printable = "".join(c for c in value[:MAX_TEXT_BYTES] if unicodedata.category(c)[0] != "C")
    return printable.encode()[:MAX_TEXT_BYTES].decode(errors="ignore")


Text = Annotated[str, BeforeValidator(clean)]


def cut(most: int) -> AfterValidator:
    """Return what cuts a text to so many bytes: lists of short ones fit into an event."""
    return AfterValidator(lambda text: text.encode()[:most].decode(errors="ignore"))


UNCOUNTED = 2**53
"""JSON numbers from here on lose digits in many readers: https://www.rfc-editor.org/rfc/rfc8259#section-6"""
Count = Annotated[int, Field(ge=0, lt=UNCOUNTED)]
Measure = Annotated[float, Field(ge=0, lt=UNCOUNTED, allow_inf_nan=False)]
Seconds = Measure


class Model(BaseModel):
    """What every kind's metadata is: frozen; fields that it does not know are dropped, since changes are additive."""

    model_config = ConfigDict(frozen=True, extra="ignore")
