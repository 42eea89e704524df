"""Runs the API under uvicorn: `python -m api`; it leaves what is served to `api.ingestion_main`."""

import logging

import uvicorn

from api.ingestion_main import create_app
from shared import logs
from shared.settings import read_settings

STOP_SECONDS = 6
"""How long open requests may go on after SIGTERM."""


def main() -> None:
    """Serve until a signal."""
    settings = read_settings()
    logs.configure(settings.log_level)
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    logging.getLogger(__name__).info("serving on %s", settings.base_url)
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
