"""Logs as JSON lines that carry who they are about; it leaves levels and outputs to `logging.conf`."""

import logging
import logging.config
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from pythonjsonlogger.json import JsonFormatter

CONFIG = Path(__file__).parent.parent / "logging.conf"

_context: ContextVar[dict[str, str]] = ContextVar("log_context", default={})  # noqa: B039  (never changed in place)


@contextmanager
def about(**names: str | None) -> Iterator[None]:
    """Add names such as ingest_id, request_id or task_id to every line that is logged inside."""
    token = _context.set(_context.get() | {name: value for name, value in names.items() if value})
    try:
        yield
    finally:
        _context.reset(token)


class ContextFormatter(JsonFormatter):
    """One JSON object a line: time, level, logger, message, what `about` says, and the record's extras."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
        )

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Add the context of the running request or task."""
        super().add_fields(log_data, record, message_dict)
        log_data.update(_context.get())


def configure(level: str) -> None:
    """Set logging up for this process from `logging.conf`, at that level."""
    logging.config.fileConfig(CONFIG, disable_existing_loggers=False)
    logging.getLogger().setLevel(level)
