"""Gather what a storm left: senders' log, what Perception took, the catalog by raw SQL, files and processes.

It imports nothing of the project and leaves judging to the checker. A line of a log that was cut off is left out.
"""

import asyncio
import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

Row = dict[str, Any]

PLACES = ("incoming", "objects", "quarantine", "previews", "workers")
TABLES = ("ingests", "moves", "uploads", "events", "deliveries", "idempotency")
JSON_COLUMNS = {"original_filename", "labels", "metadata", "verdict", "overridden", "body"}


@dataclass
class Evidence:
    """All that the checker looks at; rows are the catalog's, with their JSON read, times in microseconds."""

    attempts: list[Row] = field(default_factory=list)
    faults: list[Row] = field(default_factory=list)
    perceived: list[Row] = field(default_factory=list)
    followed: list[Row] = field(default_factory=list)
    ingests: list[Row] = field(default_factory=list)
    moves: list[Row] = field(default_factory=list)
    uploads: list[Row] = field(default_factory=list)
    """Of these `expires_at` counts, compared with `at`."""
    events: list[Row] = field(default_factory=list)
    deliveries: list[Row] = field(default_factory=list)
    idempotency: list[Row] = field(default_factory=list)
    files: list[Row] = field(default_factory=list)
    """`place` (a folder of DATA_DIR), `path` within it, `size`, `sha256`."""
    at: int = 0
    """When it was gathered."""
    leaked: list[Row] = field(default_factory=list)
    """`pid`, `command` of what still works on DATA_DIR after the stack was stopped."""


def gather(folder: Path, data_dir: Path, database_url: str = "") -> Evidence:
    """Return the evidence in `folder`, in DATA_DIR and in the catalog: PostgreSQL's URL, or else SQLite in DATA_DIR."""
    rows = _postgres(database_url) if database_url else _sqlite(data_dir / "catalog.db")
    return Evidence(
        attempts=lines(folder / "senders.jsonl"),
        faults=lines(folder / "faults.jsonl"),
        perceived=lines(folder / "perception.jsonl"),
        followed=lines(folder / "followed.jsonl"),
        files=[file for place in PLACES for file in _files(data_dir / place)],
        at=time.time_ns() // 1000,
        leaked=list(_leaked(data_dir)),
        **rows,
    )


def lines(log: Path) -> list[Row]:
    """Return the whole lines of a log; none where it was never begun."""
    text = log.read_text() if log.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _sqlite(path: Path) -> dict[str, list[Row]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return {table: [_read(row) for row in connection.execute(f"SELECT * FROM {table}")] for table in TABLES}


def _postgres(url: str) -> dict[str, list[Row]]:
    """In a thread of its own, since the caller may have a loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _tables(url)).result()


async def _tables(url: str) -> dict[str, list[Row]]:
    connection = await asyncpg.connect(url.replace("+asyncpg", "", 1), timeout=10)
    try:
        return {table: [_read(row) for row in await connection.fetch(f"SELECT * FROM {table}")] for table in TABLES}
    finally:
        await connection.close()


def _read(row: Any) -> Row:
    return {name: json.loads(value) if name in JSON_COLUMNS and value else value for name, value in dict(row).items()}


def _files(place: Path) -> Iterator[Row]:
    for path in sorted(place.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                yield {
                    "place": place.name,
                    "path": str(path.relative_to(place)),
                    "size": file.tell(),
                    "sha256": digest,
                }


def _leaked(data_dir: Path) -> Iterator[Row]:
    wanted = f"DATA_DIR={data_dir}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                yield {"pid": int(folder.name), "command": command}
