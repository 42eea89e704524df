"""What the kernel tells of processes: CPU seconds, memory, children; it leaves which of them matter to the benchmarks.

https://man7.org/linux/man-pages/man5/proc.5.html
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
USER_TIME, CHILDREN_SYSTEM_TIME = 11, 14
"""Of /proc/PID/stat, counted behind the command's name: utime, stime, cutime, cstime."""
RESET_PEAK = "5"
LOCAL_ADDRESS, SOCKET_STATE, INODE = 1, 3, 9
"""Of /proc/net/tcp."""
LISTENS = "0A"


def children(pid: int) -> Iterator[int]:
    """Yield the pids of a process's children."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            yield from map(int, (thread / "children").read_text().split())


def tree(pid: int) -> Iterator[int]:
    """Yield a process and all that descend from it."""
    yield pid
    for child in children(pid):
        yield from tree(child)


def child_running(*words: str) -> int:
    """Return the pid of our child that has all the words in its command line. Raise LookupError."""
    for pid in children(os.getpid()):
        if set(words) <= set(Path(f"/proc/{pid}/cmdline").read_text().split("\0")):
            return pid
    raise LookupError(f"No child of ours runs {' '.join(words)}.")


def child_listening(port: int) -> int:
    """Return the pid of our child that listens on a port. Raise LookupError."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for pid in children(os.getpid()):
        if any(str(file.readlink()) in sockets for file in Path(f"/proc/{pid}/fd").iterdir()):
            return pid
    raise LookupError(f"No child of ours listens on port {port}.")


def child_named(*names: str) -> int:
    """Return the pid of our child whose program has one of the names, whatever its words say. Raise LookupError."""
    for pid in children(os.getpid()):
        if Path(f"/proc/{pid}/comm").read_text().strip() in names:
            return pid
    raise LookupError(f"No child of ours is {' or '.join(names)}.")


def held(pid: int) -> int:
    """Return the bytes that a process holds: its share of what it shares (PSS), or VmRSS where that is not readable."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return memory(pid, "VmRSS") or 0


def open_files(pid: int) -> int:
    """Return how many descriptors a process has open."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return 0


def cpu_seconds(pid: int) -> float:
    """Return the CPU time, user and system, of a process and of all that descend or descended from it."""
    return sum(map(_own_cpu_seconds, tree(pid)))


def memory(pid: int, field: str) -> int | None:
    """Return a field of /proc/PID/status, such as VmRSS or VmHWM, in bytes; None where the process is gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name == field:
                return int(value.split()[0]) * 1024
    return None


def reset_peak(pid: int) -> None:
    """Let VmHWM begin again at what the process holds now."""
    Path(f"/proc/{pid}/clear_refs").write_text(RESET_PEAK)


def _listening(port: int) -> Iterator[str]:
    """Yield the inodes of the sockets that listen on a port."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[SOCKET_STATE] == LISTENS and int(fields[LOCAL_ADDRESS].rpartition(":")[2], 16) == port:
            yield fields[INODE]


def _own_cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # its parent counts it now, among the ended children
    return sum(map(int, fields[USER_TIME : CHILDREN_SYSTEM_TIME + 1])) / TICKS
