"""Runs the API under uvicorn: `python -m api`; it leaves what is served to `api.ingestion_main`."""

import gc
import logging
import os
import signal
import sys

import uvicorn

from api.allocator import keep_freed_memory
from api.ingestion_main import create_app
from api.protocol.http import protocol_with
from api.server import STOP_SECONDS, Server, given_sockets
from shared import logs
from shared.settings import read_settings


def main() -> None:
    """Serve until a signal."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit())  # uvicorn sends itself the signal again at the end of a stop
    keep_freed_memory()
    settings = read_settings()
    logs.configure(settings.log_level)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=protocol_with(settings.header_seconds),
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    gc.collect()
    gc.freeze()  # what lives now lives on, so no collection needs to look at it
    logging.getLogger(__name__).info("serving on %s", settings.base_url)
    Server(config, app.state.stop).run(given_sockets(os.environ))


if __name__ == "__main__":
    main()
