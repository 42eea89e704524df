"""Points in time as documents write them, told in one form: ISO 8601; it leaves where they stand to each format.

A time whose zone is told becomes UTC and ends in Z. One without a zone keeps none: to add one would be a guess.
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# ISO 32000-1, section 7.9.4: all after the year may be missing; month and day are 1 then, the rest 0.
_PDF = re.compile(
    r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?"
    r"(?:([Zz])(?:00'?00'?)?|([+-]\d\d)'?(\d\d)?'?)?\s*",
    re.ASCII,
)
_TICKS_PER_MICROSECOND = 10
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def from_iso(text: str) -> str | None:
    """Return what an ISO 8601 or W3C date with a time says; None where it is malformed."""
    try:
        return _told(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        return None


def from_mail(text: str) -> str | None:
    """Return what a Date of RFC 5322, section 3.3, says; None where it is malformed."""
    try:
        moment = parsedate_to_datetime(text)
        # The zone -0000 says that the time is UTC and the place unknown.
        return _told(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def from_pdf(text: str) -> str | None:
    """Return what a date of ISO 32000-1, section 7.9.4, says; None where it is malformed."""
    if not (found := _PDF.fullmatch(text)):
        return None
    year, month, day, hour, minute, second, utc, zone, offset = found.groups()
    place = f"{zone}:{offset or '00'}" if zone else "Z" if utc else ""
    return from_iso(f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}{place}")


def from_filetime(ticks: int) -> str | None:
    """Return what a FILETIME says, 100 ns since 1601 in UTC; None where it is beyond the year 9999.

    https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-dtyp/2c57429b-fdd4-488f-b5fc-9e4cf020fcdf
    """
    try:
        return _told(_FILETIME_EPOCH + timedelta(microseconds=ticks // _TICKS_PER_MICROSECOND))
    except OverflowError:
        return None


def _told(moment: datetime) -> str:
    if moment.tzinfo is None:
        return moment.isoformat(timespec="seconds")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
