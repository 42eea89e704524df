"""What EXIF says of a picture, as Pillow reads it; it leaves finding the picture to image.py.

The tags are those of CIPA DC-008, chapter 4.6: https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E
"""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from PIL import Image
from pydantic import ValidationError

from shared.metadata import Exif, Location

_CAMERA, _GPS = 0x8769, 0x8825
_ORIENTATION = 0x0112
_TAKEN, _ZONE = 0x9003, 0x9011
_FLASH, _FIRED = 0x9209, 1
_BELOW_SEA_LEVEL = {b"\x01", 1}


def orientation(exif: Image.Exif) -> int | None:
    """Return how the picture is to be turned, 1 to 8; None where it is untold."""
    told = exif.get(_ORIENTATION)
    return told if isinstance(told, int) and 1 <= told <= 8 else None  # noqa: PLR2004


def camera(exif: Image.Exif) -> Exif | None:
    """Return what the camera says, None where it says nothing that we tell."""
    said = exif.get_ifd(_CAMERA)
    flash = said.get(_FLASH)
    told = Exif(
        make=_text(exif.get(0x010F)),
        model=_text(exif.get(0x0110)),
        software=_text(exif.get(0x0131)),
        lens=_text(said.get(0xA434)),
        taken_at=_taken_at(said),
        exposure_seconds=_number(said.get(0x829A)),
        f_number=_number(said.get(0x829D)),
        iso=_whole(said.get(0x8827)),
        focal_length_mm=_number(said.get(0x920A)),
        flash=bool(flash & _FIRED) if isinstance(flash, int) else None,
    )
    return told if told != Exif() else None


def tells_location(exif: Image.Exif) -> bool:
    """Say whether it holds a position, readable or not."""
    return bool({2, 4} & exif.get_ifd(_GPS).keys())


def location(exif: Image.Exif) -> Location | None:
    """Return where the picture was taken, None where that is untold or no place on earth."""
    said = exif.get_ifd(_GPS)
    altitude = _number(said.get(6))
    try:
        return Location(
            latitude=_degrees(said.get(2), said.get(1) == "S"),
            longitude=_degrees(said.get(4), said.get(3) == "W"),
            altitude=-altitude if altitude and said.get(5) in _BELOW_SEA_LEVEL else altitude,
        )
    except ValidationError:
        return None


def _degrees(parts: Any, negative: bool) -> float | None:  # noqa: FBT001
    numbers = [_number(part) for part in parts] if isinstance(parts, tuple) else []
    known = [number for number in numbers if number is not None]
    if not known or len(known) != len(numbers):
        return None
    degrees = round(sum(number / 60.0**place for place, number in enumerate(known)), 6)
    return -degrees if negative else degrees


def _taken_at(said: Mapping[int, Any]) -> str | None:
    date, _, time = (_text(said.get(_TAKEN)) or "").partition(" ")
    for zone in (_text(said.get(_ZONE)) or "", ""):
        try:  # strptime would import modules, which a caged child cannot
            return datetime.fromisoformat(f"{date.replace(':', '-')}T{time}{zone}").isoformat()
        except ValueError:
            continue
    return None


def _text(value: Any) -> str | None:
    text = value.decode(errors="replace") if isinstance(value, bytes) else value
    return (text.strip("\0 ") or None) if isinstance(text, str) else None


def _number(value: Any) -> float | None:
    """Return what counts or measures something: not negative, no more than JSON carries, six places."""
    single = value[0] if isinstance(value, tuple) and value else value
    try:
        number = float(single)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return round(number, 6) if math.isfinite(number) and 0 <= number < 2**53 else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None else None
