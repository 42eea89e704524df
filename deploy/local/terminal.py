"""Talking to the person at the terminal: output in colour by process, faults in plain sentences, exit codes."""

import signal
import sys
from collections.abc import Callable, Iterator
from zlib import crc32

from deploy.local.faults import LaunchError, StopAsked

FAILED = 1
COLOURS = (31, 32, 33, 34, 35, 36)


def say(text: str) -> None:
    """Print at once, also where the output is a pipe."""
    print(text, flush=True)


def echo(line: str) -> None:
    """Print a process's line, coloured by the process's name where a person looks on."""
    if sys.stdout.isatty():
        name, bar, text = line.partition("│")
        line = f"\033[{COLOURS[crc32(name.encode()) % len(COLOURS)]}m{name}{bar}\033[0m{text}"
    say(line)


def exit_code(command: Callable[[], None]) -> int:
    """Run a command; print its faults, and return what the shell gets to see."""
    # Until the stack takes the signals, a stop is what the system makes of it: no traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    code = 0
    try:
        command()
    except* StopAsked:
        code = 0
    except* LaunchError as group:
        code = FAILED
        for fault in leaves(group):
            print(fault, file=sys.stderr, flush=True)
    return code


def leaves(group: BaseExceptionGroup[Exception]) -> Iterator[Exception]:
    """Yield the single faults of a group."""
    for fault in group.exceptions:
        if isinstance(fault, BaseExceptionGroup):
            yield from leaves(fault)
        else:
            yield fault
