"""Our backend as a process of its own on a real socket, for tests that send something to it."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

REFUSAL = re.compile(
    r"WARNING (\d{3} ([A-Z-]+ \S+|\(no request\)): .+ \[[\w.-]+\]|\d+ more were refused meanwhile)\n",
    re.ASCII,
)


class BackendProcess:
    """`sampler backend` on a free port, with its database and all its other files in the given folder.

    Further options are passed on: `BackendProcess(tmp_path, "--fail-rate", "0.4", "--seed", "1")`.
    It listens when the block is entered and has ended when the block is left. `prefix` is a command that becomes
    the backend in the end (so not its parent: `strace -D`), `environ` what it has on top of the tests' environment.
    """

    def __init__(
        self, folder: Path, *options: str, database_url: str | None = None, key_file: Path | None = None
    ) -> None:
        """`database_url` names another database; it goes the way that a password could go, too."""
        self.database_url = database_url or f"sqlite:///{folder / 'backend.db'}"
        self.output_file = folder / "output.txt"
        self.log = folder / "backend.log"
        self.key_file = key_file or folder / "backend.key"
        # Held for as long as the backend may come back: a client that knocks while it is down
        # would otherwise be given the very port that it knocks at, and keep it.
        self._hold = socket.socket()
        self._hold.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._hold.bind(("127.0.0.1", 0))
        self.port = int(self._hold.getsockname()[1])
        """The port it listens on, and listens on again after a stop."""
        self.options = options
        self.prefix: Sequence[str] = ()
        self.environ = {"STATE_DIRECTORY": str(folder), "DATABASE_URL": self.database_url}
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._hold.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            self._hold.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process, "the backend does not run"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def trouble(self) -> str:
        """What its log has besides a line for each error that it answered."""
        return "".join(line for line in self.log.read_text().splitlines(True) if not REFUSAL.fullmatch(line))

    @property
    def listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 0.5).close()
        except OSError:
            return False
        return True

    def start(self) -> None:
        """Start it and wait until it listens: on the same port each time."""
        self.launch()
        assert self._process
        assert self._process.stdout
        if self._process.stdout.readline() != f"listening on {self.url}\n":
            self.kill()
            raise AssertionError(f"the backend did not start:\n{self.log.read_text()}")

    def launch(self) -> None:
        """Start it, and do not wait."""
        command = [*self.prefix, sys.executable, "-m", "sampler.backend", "--port", str(self.port)]
        command += ["--output-file", str(self.output_file), "--key-file", str(self.key_file), *self.options]
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | self.environ
            )

    def stop(self) -> int:
        """End it with SIGTERM, if it runs, and give its exit code."""
        if self._process:
            self._process.terminate()
        return self.wait()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a power cut would, as far as a process can."""
        if self._process:
            self._process.kill()
        self.wait()

    def restart(self) -> None:
        """Stop it if it runs, and start it on the same port and database."""
        self.stop()
        self.start()

    def command(self, *arguments: str, code: int = 0) -> str:
        """Run `sampler backend ARGUMENTS` beside it, on the same database, and give what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "sampler.backend", *arguments],
            capture_output=True,
            text=True,
            env=os.environ | self.environ,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, f"exit code {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def measurements(self, **parameters: str) -> list[dict[str, Any]]:
        """Everything that is stored (or the part asked for), oldest first."""
        found: list[dict[str, Any]] = []
        page: str | None = f"{self.url}/api/temperature"
        query: dict[str, str] | None = {"limit": "10000", **parameters}
        while page:
            answer = requests.get(page, params=query, timeout=10)
            answer.raise_for_status()
            found += answer.json()
            next_page = answer.links.get("next", {}).get("url")
            page, query = next_page and self.url + next_page, None
        return found

    def wait(self) -> int:
        """Wait for its end, and give its exit code."""
        if not self._process:
            return 0
        try:
            code = self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            assert self._process.stdout
            self._process.stdout.close()
            self._process = None
        return code
