"""Read a Procfile: a name and a command on each line, variables filled in; it leaves starting them to others."""

import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from string import Template
from typing import Self

from deploy.local import activate
from deploy.local.faults import BadProcfile


@dataclass(frozen=True, slots=True)
class Command:
    """What to start, and the name that its log and messages carry."""

    name: str
    words: tuple[str, ...]
    listener: int | None = None
    """The descriptor of a listening socket that it is given."""

    def listening(self, listener: int) -> Self:
        """Return this command, to be given the listening socket as systemd does."""
        words = (sys.executable, "-I", "-S", activate.__file__, str(listener), *self.words)
        return replace(self, words=words, listener=listener)


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
