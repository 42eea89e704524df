"""What a process says: into its log file, and onto the terminal where asked; it leaves starting it to `processes`."""

import asyncio
import logging
import os
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_BYTES = 10 * 1024 * 1024
PIECE_BYTES = 64 * 1024

Say = Callable[[str], None]


class Log:
    """One process's log: `NAME.log` and one older, of 10 MiB each at most, and its last lines in memory."""

    def __init__(self, name: str, folder: Path, echo: Say | None = None) -> None:
        self._file = _File(folder / f"{name}.log", maxBytes=LOG_BYTES, backupCount=1, delay=True)
        self._echo = echo
        self._name = name
        self.last: deque[str] = deque(maxlen=20)

    def write(self, line: str) -> None:
        """Add a line."""
        self.last.append(line)
        self._file.emit(logging.makeLogRecord({"msg": line}))
        if self._echo:
            self._echo(f"{self._name:>10} │ {line}")

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError):  # its last lines find no room
            self._file.close()

    async def copy(self, pipe: int) -> None:
        """Write what comes through the pipe until its end; the pipe is closed then."""
        async for line in _lines(pipe):
            self.write(line)


class _File(RotatingFileHandler):
    """A file that a full disk makes lose lines, and nothing else."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        """Say nothing: standard error may be the same full disk."""


async def _lines(pipe: int) -> AsyncIterator[str]:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(pipe, "rb"))
    rest = b""
    try:
        while piece := await reader.read(PIECE_BYTES):
            *lines, rest = (rest + piece).split(b"\n")
            # A line without end must not grow in memory.
            if len(rest) > PIECE_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                yield line.decode(errors="replace")
        if rest:
            yield rest.decode(errors="replace")
    finally:
        transport.close()
