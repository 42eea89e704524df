"""The stack's processes, found in /proc and not asked of the stack; it leaves what happens to them to `faults`."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PARTS = {
    "api": "-m api",
    "worker": "-n worker@",
    "worker-large": "-n worker-large@",
    "notifier": "-n notifier@",
    "beat": " beat ",
}
"""The Procfile's name → what its command line holds, and no other's."""


@dataclass(frozen=True)
class Processes:
    """All that carry a mark (`NAME=value`) in their environment."""

    mark: str

    def pids(self) -> set[int]:
        """Return all, whoever started them."""
        return {pid for pid in _pids() if self._carries(pid)}

    def part(self, name: str) -> int | None:
        """Return the first process of a part of the Procfile, its children aside; None where it does not run."""
        family = {pid for pid in self.pids() if PARTS[name] in f"{command(pid)} "}
        return next((pid for pid in family if _parent(pid) not in family), None)

    def worker_children(self, name: str) -> list[int]:
        """Return the processes in which a worker's tasks run."""
        main = self.part(name)
        return [] if main is None else [pid for pid in children(main) if command(pid) == command(main)]

    def _carries(self, pid: int) -> bool:
        with suppress(OSError):
            return self.mark.encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        return False


def children(pid: int) -> list[int]:
    """Return the pids of a process's own children."""
    found: list[int] = []
    with suppress(OSError):  # it may end while we look
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def family(pid: int) -> list[int]:
    """Return a process and all below it, it first."""
    return [pid, *(below for child in children(pid) for below in family(child))]


def has_open(pid: int, folder: Path) -> bool:
    """Tell whether a process, or any below it, has a file in a folder open."""
    return any(target.startswith(f"{folder}/") for each in family(pid) for target in _open_files(each))


def send(number: signal.Signals, *pids: int) -> None:
    """Signal processes, some of which may have ended."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def command(pid: int) -> str:
    """Return a process's command line in one string; an empty one where it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return ""


def _pids() -> Iterator[int]:
    return (int(folder.name) for folder in Path("/proc").glob("[0-9]*"))


def _parent(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _open_files(pid: int) -> Iterator[str]:
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                yield str(descriptor.readlink())
