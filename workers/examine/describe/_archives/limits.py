"""What an archive may take, each limit with its reason, and the two ways to refuse one; it counts nothing itself.

The reasons at length: docs/decisions/0009-archives.md.
"""

import time
from dataclasses import dataclass, field

from shared.ingest import Reason
from workers.examine.describe import Refused

MAX_RATIO = 50
"""Unpacked to packed bytes. Texts pack 5:1 to 20:1; a deflated bomb reaches 1000:1."""
RATIO_FLOOR_BYTES = 64 * 1024 * 1024
"""What unpacks to less than this hurts nobody, whatever its ratio."""
MAX_ENTRIES = 100_000
"""Whoever unpacks more fills a file system with inodes rather than bytes."""
MAX_DIRECTORY_BYTES = 24 * 1024 * 1024
"""All the headers of a zip, 7z or rar: MAX_ENTRIES of them with names of 150 bytes. They are held in memory."""
MAX_HEADER_BYTES = 256 * 1024
"""The headers of one tar entry: a name of PATH_MAX and a few extended attributes of 64 KiB."""
MAX_WINDOW_LOG = 27
"""128 MiB: what `zstd -d` takes before it asks for --long, and twice what `xz -9` needs."""
MAX_WINDOW_BYTES = 1 << MAX_WINDOW_LOG
MAX_TARGET_BYTES = 4096
"""A symbolic link's target: PATH_MAX on Linux."""

COUNTED_BYTES = 4 * 1024**3
COUNTED_SECONDS = 10.0
"""Where counting stops: a bomb has shown its ratio by then, and an honest archive may be as large as it likes."""
NESTED_BYTES = 16 * 1024 * 1024
"""A nested archive up to this size is held in memory to be looked into."""
NESTED_COUNTED_BYTES = 512 * 1024 * 1024
NESTED_COUNTED_SECONDS = 3.0
"""The same bound for all the archives within one."""


class BudgetSpent(Exception):
    """Enough was counted."""


@dataclass(slots=True)
class Budget:
    """The bytes and the seconds of CPU that are left for counting; waiting for the disk may take as long again."""

    bytes_left: int
    seconds: float
    _cpu_end: float = field(init=False)
    _wall_end: float = field(init=False)

    def __post_init__(self) -> None:
        self._cpu_end = time.process_time() + self.seconds
        self._wall_end = time.monotonic() + 2 * self.seconds

    def spend(self, count: int = 0) -> None:
        """Take `count` bytes; raise BudgetSpent where they, or the time, are used up."""
        self.bytes_left -= count
        if self.bytes_left < 0 or time.process_time() > self._cpu_end or time.monotonic() > self._wall_end:
            raise BudgetSpent


def bomb(detail: str) -> Refused:
    """Return the fault of an archive that is more than its limits."""
    return Refused(Reason.ARCHIVE_BOMB, detail)


def unsafe(detail: str) -> Refused:
    """Return the fault of an archive that nobody can unpack without harm, or that two readers read differently."""
    return Refused(Reason.ARCHIVE_UNSAFE, detail)


def check_ratio(unpacked: int, packed: int, floor: int = RATIO_FLOOR_BYTES) -> None:
    """Raise Refused where so many unpacked bytes are too many for the packed ones."""
    if unpacked > floor and unpacked > MAX_RATIO * packed:
        raise bomb(f"It unpacks to {unpacked} bytes or more, over {MAX_RATIO} times its size.")
