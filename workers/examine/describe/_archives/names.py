"""Whether names, links and modes stay within the folder that an archive is unpacked to; it reads no archive."""

import re
import stat

from workers.examine.describe._archives.limits import unsafe

_SEPARATORS = re.compile(r"[/\\]")  # what is a name's part on one system is a path on another
_DRIVE = re.compile(r"[A-Za-z]:")
_SHOWN = 100
_SPECIAL = (stat.S_ISCHR, stat.S_ISBLK, stat.S_ISFIFO, stat.S_ISSOCK)


def parts_of(name: str) -> tuple[str, ...]:
    """Return the steps of an entry's path; raise Refused where it may lead outside."""
    parts = _steps(name)
    if ".." in parts:
        raise unsafe(f"The name {_shown(name)} leads outside.")
    return parts


def check_target(link: tuple[str, ...], target: str) -> None:
    """Raise Refused where the symbolic link at `link` leads outside.

    It may climb in its first steps only: after a folder, which may be a link too, nobody knows from where.
    """
    steps = _steps(target)
    climbs = next((place for place, step in enumerate(steps) if step != ".."), len(steps))
    if climbs >= len(link) or ".." in steps[climbs:]:
        raise unsafe(f"The link {_shown('/'.join(link))} leads outside.")


def check_mode(mode: int) -> None:
    """Raise Refused where a Unix mode is that of a device, a pipe or a socket."""
    if any(is_special(mode) for is_special in _SPECIAL):
        raise unsafe("It holds a device, a pipe or a socket.")


def _steps(path: str) -> tuple[str, ...]:
    if "\0" in path:
        raise unsafe(f"The name {_shown(path)} holds a NUL.")
    if path.startswith(("/", "\\")) or _DRIVE.match(path):
        raise unsafe(f"The name {_shown(path)} is absolute.")
    return tuple(step for step in _SEPARATORS.split(path) if step not in {"", "."})


def _shown(name: str) -> str:
    return ascii(name[:_SHOWN])
