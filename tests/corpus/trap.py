"""A socket that nobody may connect to and a file that nobody may read; hostile files point at both."""

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MARKER = "marker-7f3a91c4"
"""What no answer may hold: the words of the secret file."""


@dataclass(frozen=True)
class Trap:
    """Where they are, as a hostile file writes it."""

    secret: str
    port: int

    @property
    def url(self) -> str:
        """An address whose connections are counted."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Set:
    """The trap while it is set."""

    trap: Trap
    listener: socket.socket

    @contextmanager
    def visited(self) -> Iterator[None]:
        """Connect, to show that it would be seen."""
        with socket.create_connection(("127.0.0.1", self.trap.port)):
            yield

    def sprung(self) -> bool:
        """Say whether anyone has connected since the last time."""
        try:
            self.listener.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@contextmanager
def trap_set() -> Iterator[Set]:
    """Listen on the loopback and write the secret file, which reads as a sound playlist of one line."""
    with socket.create_server(("127.0.0.1", 0)) as listener, tempfile.NamedTemporaryFile("w", suffix=".txt") as secret:
        listener.setblocking(False)
        secret.write(f"{MARKER}\n")
        secret.flush()
        Path(secret.name).chmod(0o644)  # that it is not read must not be its mode's doing
        yield Set(Trap(secret.name, listener.getsockname()[1]), listener)
