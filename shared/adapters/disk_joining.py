"""Puts the bytes of several files into one, without their passing through us; it leaves which files to its callers."""

import errno
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from shared.adapters.disk_writer import DiskWriter, write_all

STEP_BYTES = 64 * 1024 * 1024
"""How much one call shares or copies at most, so that nobody waits long for its thread."""
COPY_BYTES = 1024 * 1024
_CANNOT = {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM}


async def append_files(writer: DiskWriter, sources: Iterable[tuple[Path, int]]) -> None:
    """Append so many bytes of each file, step by step."""
    for source, size in sources:
        start = 0
        while start < size:
            start += await writer.run(partial(_append, writer, source, start, size))


def _append(writer: DiskWriter, source: Path, start: int, stop: int) -> int:
    """Append some of the bytes from `start` up to `stop`; return how many."""
    with source.open("rb", buffering=0) as file:
        count = _share(file.fileno(), writer.descriptor, start, stop) or _copy(
            file.fileno(), writer.descriptor, start, stop
        )
    if not count:
        raise OSError(errno.EIO, os.strerror(errno.EIO))  # it is shorter than it was
    writer.unsynced += count
    writer.promise.used(count)
    return count


def _share(source: int, target: int, start: int, stop: int) -> int:
    """Let the kernel do it: it shares blocks where the file system can and they are aligned, and copies the others.

    https://man7.org/linux/man-pages/man2/copy_file_range.2.html
    """
    try:
        return os.copy_file_range(source, target, min(STEP_BYTES, stop - start), start)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        return 0


def _copy(source: int, target: int, start: int, stop: int) -> int:
    piece = os.pread(source, min(COPY_BYTES, stop - start), start)
    write_all(target, [piece])
    return len(piece)
