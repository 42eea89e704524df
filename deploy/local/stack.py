"""The whole stack in its order: Redis, migrations, all the rest, ready; stopping is the same road backwards.

A part's lifetime is a context. What ends by itself, or a wish to stop, unwinds the contexts: Redis goes last.
"""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.data_dir import taken
from deploy.local.environment import child_environment, given_redis, variables
from deploy.local.faults import BadProcfile, NotInTime, ProcessEnded, StopAsked
from deploy.local.guard import guarded
from deploy.local.output import Say
from deploy.local.ports import listening, reachable
from deploy.local.processes import Keeper
from deploy.local.procfile import Command, parse_procfile
from deploy.local.ready import ready
from deploy.local.redis_server import EmbeddedRedis, answering
from shared.embedded_redis import noted
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
FIRST = "migrate"
"""Runs to its end before the rest starts."""
LISTENS = "api"
"""Is given the listening socket."""
NOT_VITAL = {"flower", "exporter"}
"""They only watch: the rest goes on without them from the start."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. `say` is for what a person must know, `echo` for the processes' output where it is wanted."""

    settings: Settings
    environ: Mapping[str, str]
    say: Say
    echo: Say | None = None
    procfile: Path = ROOT / "Procfile"

    @property
    def data_dir(self) -> Path:
        """DATA_DIR as an absolute path."""
        return self.settings.data_dir.resolve()

    @property
    def address(self) -> str:
        """The API as `host:port`."""
        return reachable(self.settings.host, self.settings.port)

    def commands(self, redis_url: str) -> list[Command]:
        """Return the Procfile's commands."""
        try:
            text = self.procfile.read_text()
        except OSError as error:
            raise BadProcfile(f"{self.procfile} can't be read: {error.strerror}.") from error
        return parse_procfile(text, variables(self.settings, redis_url))


Body = Callable[[str], Awaitable[None]]
"""What to do while the stack runs; it is given the address of Redis."""


def launch(plan: Plan, body: Body, *, seconds: float | None = None) -> None:
    """Run `body` while the stack runs, all in all for at most so many seconds.

    What goes wrong comes as LaunchError or StopAsked, alone or in a group.
    """
    with taken(plan.data_dir) as lock, guarded(lock) as mark, listening(plan.settings) as listener:
        try:
            asyncio.run(asyncio.wait_for(_launch(plan, mark, listener, body), seconds))
        except TimeoutError as error:
            raise NotInTime(f"It wasn't done within {seconds} s.") from error


async def _launch(plan: Plan, mark: str, listener: socket.socket, body: Body) -> None:
    given = given_redis(plan.settings)
    server = None if given else EmbeddedRedis.find(plan.data_dir / "redis")
    redis_url = given or (server.url if server else "")
    commands = plan.commands(redis_url)
    environ = child_environment(plan.environ, plan.settings, redis_url, mark)
    keeper = Keeper(environ, plan.data_dir / "logs", plan.say, plan.echo)
    async with AsyncExitStack() as stack:
        if server:
            await stack.enter_async_context(_kept(_redis(keeper, server)))
            stack.enter_context(noted(server.url, plan.data_dir))
        await stack.enter_async_context(_kept(_stop_asked()))
        await answering(redis_url, patient=server is not None)
        await _first(keeper, commands)
        async with _kept(*_rest(keeper, commands, listener.fileno())):
            await ready(plan.address)
            await body(redis_url)


async def _redis(keeper: Keeper, server: EmbeddedRedis) -> None:
    """Keep the embedded Redis going, without its own files where it cannot start with them."""
    try:
        await keeper.keep(server.command)
    except ProcessEnded as fault:
        if not server.cannot_read(str(fault)):
            raise
        keeper.say(f"Redis can't read its own files: set aside in {server.set_aside()}; the catalog knows what waits.")
        await keeper.keep(server.command)


@asynccontextmanager
async def _kept(*coroutines: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Keep the coroutines going during the context; where one ends by itself, the context ends with its reason."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(coroutine) for coroutine in coroutines]
        yield
        for task in tasks:
            task.cancel()


async def _stop_asked() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    raise StopAsked


async def _first(keeper: Keeper, commands: list[Command]) -> None:
    for command in commands:
        if command.name == FIRST:
            ended = await keeper.run(command)
            if ended.code:
                raise ended.fault


def _rest(keeper: Keeper, commands: list[Command], listener: int) -> list[Coroutine[None, None, None]]:
    rest = (command.listening(listener) if command.name == LISTENS else command for command in commands)
    return [keeper.keep(command, vital=command.name not in NOT_VITAL) for command in rest if command.name != FIRST]
