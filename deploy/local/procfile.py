"""Read a Procfile: a name and a command on each line, variables filled in; it leaves starting them to others."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Template

from deploy.local.faults import BadProcfile


@dataclass(frozen=True, slots=True)
class Command:
    """What to start, and the name that its log and messages carry."""

    name: str
    words: tuple[str, ...]


def parse_procfile(text: str, values: Mapping[str, str]) -> list[Command]:
    """Return the commands in their order, `$NAME` and `${NAME}` replaced by their values."""
    return [_command(line, values) for line in _lines(text)]


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            yield line


def _command(line: str, values: Mapping[str, str]) -> Command:
    name, colon, rest = line.partition(":")
    try:
        # Split first: a value with a space or a quote in it stays one word.
        words = tuple(Template(word).substitute(values) for word in shlex.split(rest))
    except KeyError as error:
        raise BadProcfile(f"Procfile: {name} names {error}, which is not a setting.") from error
    except ValueError as error:
        raise BadProcfile(f"Procfile: {name}: {error}.") from error
    if not (colon and words):
        raise BadProcfile(f"Procfile: a line is `name: command`, not {line!r}.")
    return Command(name.strip(), words)
