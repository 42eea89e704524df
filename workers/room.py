"""The room of one Celery child: one event loop, the open services and a cage; it leaves what is done in it to tasks."""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, TypeVar

from billiard.common import TERM_SIGNAL

from shared.settings import Settings
from shared.wiring import Services, open_services
from workers.cage.cage import Cage
from workers.cage.layers import layers_of
from workers.cage.protocol import CageLimits

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Room:
    """What a step works with."""

    services: Services
    cage: Cage


@dataclass(frozen=True)
class _Open:
    runner: asyncio.Runner
    room: Room
    stack: AsyncExitStack


_opened: list[_Open] = []
"""Empty or the one room of this process: Celery gives its children no other place for state."""


def open_room(settings: Settings, *, warm: bool) -> None:
    """Open this process's room. Celery calls it once in each child, after the fork.

    Where it isn't warm, the cage has no process before its first file, if any ever comes.
    """
    runner = asyncio.Runner()
    stack = AsyncExitStack()
    try:
        room = runner.run(_opened_room(settings, stack, warm=warm))
    except BaseException:
        runner.run(stack.aclose())
        runner.close()
        raise
    _opened.append(_Open(runner, room, stack))


def close_room() -> None:
    """Close it again."""
    while _opened:
        opened = _opened.pop()
        opened.runner.run(opened.stack.aclose())
        opened.runner.close()


def run(step: Callable[[Room], Coroutine[Any, Any, T]]) -> T:
    """Run a step in this process's room, on its one loop; a room that could not be opened at the start is now.

    Celery's signal, by which it ends what still runs when a worker stops, cancels the step; then it is obeyed.
    """
    if not _opened:
        open_room(Settings(), warm=False)
    opened, celerys = _opened[0], signal.getsignal(TERM_SIGNAL)
    try:
        return opened.runner.run(_cancelled_by_signal(step(opened.room)))
    finally:
        told = signal.getsignal(TERM_SIGNAL) is signal.SIG_IGN
        signal.signal(TERM_SIGNAL, celerys)
        if told:
            # Closing it would wait for a hash of a large file; and the presence of who doesn't leave in order tells the
            # sweeper to take back what could not be handed back. The kernel ends the cage with this process.
            _opened.clear()
            signal.raise_signal(TERM_SIGNAL)


async def _cancelled_by_signal(step: Coroutine[Any, Any, T]) -> T:
    # A task is needed: a signal comes between any two lines, and only the loop may cancel.
    loop, running = asyncio.get_running_loop(), asyncio.ensure_future(step)

    def cancel(*_: object) -> None:
        signal.signal(TERM_SIGNAL, signal.SIG_IGN)
        loop.call_soon_threadsafe(running.cancel)

    signal.signal(TERM_SIGNAL, cancel)
    return await running


def try_cage(settings: Settings) -> None:
    """Open and close a cage where CAGE_REQUIRED asks for any layer; raise CageUnavailable."""

    async def tried() -> None:
        async with _cage(settings):
            pass

    if settings.cage_layers:
        asyncio.run(tried())


async def _opened_room(settings: Settings, stack: AsyncExitStack, *, warm: bool) -> Room:
    services = await stack.enter_async_context(open_services(settings))
    services.presence.enter()
    stack.callback(services.presence.leave)
    cage = _cage(settings)
    stack.push_async_exit(cage)
    if warm:
        await cage.__aenter__()
    return Room(services, cage)


def _cage(settings: Settings) -> Cage:
    limits = CageLimits(settings.cage_memory_bytes, settings.cage_cpu_seconds, settings.cage_wall_seconds)
    return Cage(limits, required=layers_of(settings.cage_layers))
