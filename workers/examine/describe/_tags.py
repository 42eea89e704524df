"""What a container's and its streams' tags tell; it leaves finding the streams to _streams.py.

FFmpeg translates each format's names into one set: https://ffmpeg.org/doxygen/trunk/group__metadata__api.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from shared.metadata import Location

_LOCATIONS = ("com.apple.quicktime.location.iso6709", "location")
# Degrees, or degrees and minutes, or both and seconds, told apart by the number of digits: ISO 6709, annex H.
_POINT = re.compile(
    r"([+-]\d\d(?:\d\d){0,2}(?:\.\d+)?)([+-]\d{3}(?:\d\d){0,2}(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?(?:CRS\w+)?/?"
)


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags under their names in lower case."""

    values: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """Return a tag's text, None where it is missing or empty."""
        return self.values.get(name) or None

    @property
    def creation_time(self) -> str | None:
        """When the content was made, ISO 8601 in UTC with a Z."""
        try:
            told = datetime.fromisoformat(self.values.get("creation_time", ""))
            return told.replace(tzinfo=told.tzinfo or UTC).astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
        except (ValueError, OverflowError):  # no time, or one at the end of all years
            return None

    @property
    def location(self) -> Location | None:
        """Where it was taken."""
        return next((point(self.values[name]) for name in _LOCATIONS if name in self.values), None)

    def missing(self) -> frozenset[str]:
        """Return the fields that the tags don't tell, as opposed to those that they tell and we can't read."""
        names = {"title", "artist", "album", "track", "creation_time"} - self.values.keys()
        return frozenset(names | (set() if set(_LOCATIONS) & self.values.keys() else {"location"}))


def tags_of(container: Any, *streams: Any) -> Tags:
    """Return the container's tags, and those of its streams that it doesn't have itself."""
    values: dict[str, str] = {}
    for source in (*reversed(streams), container):
        values |= {name.lower(): text for name, text in source.metadata.items()}
    return Tags(values)


def point(text: str) -> Location | None:
    """Return a point as ISO 6709 writes it, such as `+48.8577+002.2950+035.000/`; None where it is none."""
    found = _POINT.fullmatch(text.strip())
    if found is None:
        return None
    latitude, longitude, altitude = found.groups()
    try:
        return Location(
            latitude=_degrees(latitude, 2),
            longitude=_degrees(longitude, 3),
            altitude=float(altitude) if altitude else None,
        )
    except ValidationError:
        return None


def _degrees(text: str, digits: int) -> float:
    whole, _, fraction = text[1:].partition(".")
    parts = [whole[:digits], *(part for part in (whole[digits : digits + 2], whole[digits + 2 :]) if part)]
    parts[-1] += "." + fraction
    degrees = round(sum(float(part) / 60.0**place for place, part in enumerate(parts)), 6)
    return -degrees if text.startswith("-") else degrees
