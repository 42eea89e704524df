"""Say before anything starts that a port is taken, and find free ones; it leaves listening to the processes."""

import errno
import socket
from contextlib import ExitStack

from deploy.local.faults import PortTaken
from shared.settings import Settings


def check_ports(settings: Settings) -> None:
    """Raise PortTaken, naming port and setting, where one of ours can't be had."""
    wanted = {
        "PORT": (settings.host, settings.port),
        "METRICS_PORT": (settings.metrics_host, settings.metrics_port),
        "LARGE_METRICS_PORT": (settings.metrics_host, settings.large_metrics_port),
        "NOTIFIER_METRICS_PORT": (settings.metrics_host, settings.notifier_metrics_port),
        "FLOWER_PORT": (settings.host, settings.flower_port),
        "EXPORTER_PORT": (settings.metrics_host, settings.exporter_port),
    }
    with ExitStack() as held:
        for name, (host, port) in wanted.items():
            try:
                held.enter_context(_listening(host, port))
            except (OSError, OverflowError) as error:
                raise PortTaken(_reason(error, name, host, port)) from error


def free_ports(count: int) -> list[int]:
    """Return so many different ports that nobody listens on just now."""
    with ExitStack() as held:
        sockets = [held.enter_context(_listening("127.0.0.1", 0)) for _ in range(count)]
        return [listener.getsockname()[1] for listener in sockets]


def reachable(host: str, port: int) -> str:
    """Return `host:port` as this machine reaches it, also where the host means all addresses."""
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


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
