"""Say before anything starts that a port is taken, and hold the API's; listening on the others is left to them."""

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from deploy.local.faults import PortTaken
from shared.settings import Settings

BACKLOG = 2048
"""As uvicorn's: so many connections wait while the API is started again."""


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """Hold the API's listening socket during the context, so that no restart of the API refuses a connection.

    Raise PortTaken, naming port and setting, where one of our ports can't be had.
    """
    with _had("PORT", settings.host, settings.port) as api:
        _check_others(settings)
        api.listen(BACKLOG)
        yield api


def _check_others(settings: Settings) -> None:
    wanted = {
        "METRICS_PORT": (settings.metrics_host, settings.metrics_port),
        "LARGE_METRICS_PORT": (settings.metrics_host, settings.large_metrics_port),
        "NOTIFIER_METRICS_PORT": (settings.metrics_host, settings.notifier_metrics_port),
        "FLOWER_PORT": (settings.host, settings.flower_port),
        "EXPORTER_PORT": (settings.metrics_host, settings.exporter_port),
    }
    with ExitStack() as held:
        for name, (host, port) in wanted.items():
            held.enter_context(_had(name, host, port))


def free_ports(count: int) -> list[int]:
    """Return so many different ports that nobody listens on just now."""
    with ExitStack() as held:
        sockets = [held.enter_context(_listening("127.0.0.1", 0)) for _ in range(count)]
        return [listener.getsockname()[1] for listener in sockets]


def reachable(host: str, port: int) -> str:
    """Return `host:port` as this machine reaches it, also where the host means all addresses."""
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _had(name: str, host: str, port: int) -> socket.socket:
    try:
        return _listening(host, port)
    except (OSError, OverflowError) as error:
        raise PortTaken(_reason(error, name, host, port)) from error


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        # As servers do: a port whose last connections are still closing counts as free.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1)
    except OSError:
        listener.close()
        raise
    return listener


def _reason(error: OSError | OverflowError, name: str, host: str, port: int) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken. Stop what listens there, or choose another: {name}={port + 1}"
    return f"Port {port} on {host} ({name}) can't be had: {error}."
