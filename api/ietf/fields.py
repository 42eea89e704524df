"""Structured fields (RFC 9651), as far as the draft needs them: booleans, integers and a dictionary of integers.

A field that is malformed, or of another type, is ignored as a whole (draft, section "State"): it reads as None.
"""

import re
from collections.abc import Mapping

from starlette.datastructures import Headers

_KEY = r"[a-z*][a-z0-9_\-.*]*"
_BARE = (
    r"-?[0-9]{1,12}\.[0-9]{1,3}"
    r"|@?-?[0-9]{1,15}"
    r'|"(?:[ !#-\[\]-~]|\\["\\])*"'
    r"|[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*"
    r"|:[A-Za-z0-9+/=]*:"
    r"|\?[01]"
    r'|%"(?:[ !#$&-~]|%[0-9a-f]{2})*"'
)
_PARAMETERS = rf"(?:; *{_KEY}(?:=(?:{_BARE}))?)*"
_BOOLEAN = re.compile(rf" *\?([01]){_PARAMETERS} *")
_INTEGER = re.compile(rf" *(-?[0-9]{{1,15}}){_PARAMETERS} *")


def boolean(headers: Headers, name: str) -> bool | None:
    """Return the Boolean of a field (RFC 9651, section 3.3.6)."""
    match = _BOOLEAN.fullmatch(_value(headers, name))
    return match and match[1] == "1"


def integer(headers: Headers, name: str) -> int | None:
    """Return the Integer of a field (RFC 9651, section 3.3.1), which all fields of the draft want not negative."""
    match = _INTEGER.fullmatch(_value(headers, name))
    number = int(match[1]) if match else -1
    return number if number >= 0 else None


def written(value: bool) -> str:  # noqa: FBT001  (it is the value, not an option)
    """Return a Boolean as a field has it."""
    return f"?{value:d}"


def dictionary(members: Mapping[str, int]) -> str:
    """Return a Dictionary of Integers as a field has it (RFC 9651, section 4.1.2)."""
    return ", ".join(f"{key}={value}" for key, value in members.items())


def _value(headers: Headers, name: str) -> str:
    """Return the whole field: its lines are one value (RFC 9110, section 5.3), and two items are none."""
    return ", ".join(headers.getlist(name))
