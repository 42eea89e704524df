"""uvicorn with a stop in order and with sockets that outlive it; it leaves refusing and breaking off to `stopping`."""

import asyncio
import os
import socket
from collections.abc import Mapping

import uvicorn

from api.stopping import Stop

GRACE_SECONDS = 0.5
"""How long after the signal open connections are still answered: what is under way to us must not meet a reset."""
RECEIVE_SECONDS = 4.0
"""How long after the signal uploads may go on. What is broken off then is read away for LINGER_SECONDS."""
STOP_SECONDS = 6
"""How long after the grace open requests may go on."""
FIRST_GIVEN = 3
"""The first descriptor of a socket that we are given: sd_listen_fds(3)."""


class Server(uvicorn.Server):
    """uvicorn closes idle connections at the signal, and with them requests that it hasn't read yet; this one waits."""

    def __init__(self, config: uvicorn.Config, stop: Stop) -> None:
        super().__init__(config)
        self._stop = stop

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Refuse for a moment, then finish what is open; see the constants for the times."""
        self._stop.begin()
        if sockets:
            self._leave_to_the_next()
        await asyncio.sleep(GRACE_SECONDS)
        asyncio.get_running_loop().call_later(RECEIVE_SECONDS - GRACE_SECONDS, self._stop.break_off)
        await super().shutdown(sockets)

    def _leave_to_the_next(self) -> None:
        """Accept no more: somebody else holds the sockets too, so new connections wait for the next process."""
        for server in self.servers:
            server.close()


def given_sockets(environ: Mapping[str, str]) -> list[socket.socket] | None:
    """Return the listening sockets that a service manager hands over by systemd's protocol, None where it doesn't."""
    if environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    count = int(environ.get("LISTEN_FDS", "0"))
    given = [socket.socket(fileno=FIRST_GIVEN + number) for number in range(count)]
    for one in given:
        one.set_inheritable(False)
    return given or None
