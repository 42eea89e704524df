"""Reads an open file in pieces, off the event loop; it leaves opening it to its callers."""

import os
from collections.abc import AsyncIterator
from functools import partial

from shared.adapters.disk_writer import Run

READ_BYTES = 1024 * 1024


async def pieces_of(descriptor: int, start: int, stop: int, run: Run) -> AsyncIterator[bytes]:
    """Yield the bytes from `start` up to `stop`, or to the end of the file."""
    while start < stop:
        piece = await run(partial(os.pread, descriptor, min(READ_BYTES, stop - start), start))
        if not piece:
            return
        start += len(piece)
        yield piece
