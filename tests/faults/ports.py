"""Ports that a server may leave and take again: none that the kernel gives to a connection in between."""

import random
import socket
from contextlib import suppress
from pathlib import Path

LOWEST, TRIES = 10_000, 100
RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """Return a port that nobody listens on now, below those that connections get."""
    below = int(RANGE.read_text().split()[0])
    for port in random.sample(range(LOWEST, below), TRIES):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError(f"No port between {LOWEST} and {below} is free.")
