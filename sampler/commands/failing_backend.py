"""The other end of `sampler demo`: our backend as a process of its own, failing as often as it is told."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from sampler.commands.configured import Failure

_TIMEOUT_S = 5.0


class FailingBackend:
    """Listens inside its block, on this port or, if it is taken, on a free one. Raises Failure if it does not start."""

    def __init__(self, folder: Path, port: int, fail_rate: float) -> None:
        self.output_file = folder / "output.txt"
        self.log = folder / "backend.log"
        self.url = ""
        self._database = folder / "backend.db"
        self._port = port
        self._fail_rate = fail_rate
        self._process: subprocess.Popen[str] | None = None

    @property
    def taken(self) -> int | None:
        """The port that was asked for, if it was taken."""
        return None if not self._port or self.url.endswith(f":{self._port}") else self._port

    def __enter__(self) -> Self:
        try:
            if not self._listens(self._port) and "is taken" in self.log.read_text():
                self._listens(0)
        except OSError as error:
            raise Failure(f"{error.filename}: {error.strerror}") from None
        if not self.url:
            raise Failure(
                self.log.read_text().strip().removeprefix("Error: ") or "the backend does not start"
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def stored_keys(self) -> list[str]:
        """Ask for the keys of all that it has stored. Raises OSError."""
        found: list[str] = []
        page = "/api/temperature?limit=10000"
        while page:
            with urllib.request.urlopen(self.url + page, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - our own
                found += [one["key"] for one in json.load(answer)]
                page = answer.headers.get("Link", "").partition(">")[0].removeprefix("<")
        return found

    def _listens(self, port: int) -> bool:
        """Start it, and take its address from the first line that it writes."""
        with self.log.open("w") as log:
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-m", "sampler.commands.demo_backend", *self._options(port)],
                stdin=subprocess.PIPE,  # which it watches
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # Ctrl-C is for the daemon, which is to stop first
            )
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        self.url = self._process.stdout.readline().strip().removeprefix("listening on ")
        if not self.url:
            self._stop()
        return bool(self.url)

    def _options(self, port: int) -> list[str]:
        files = ["--database", f"sqlite:///{self._database}", "--output-file", str(self.output_file)]
        return ["--port", str(port), "--fail-rate", str(self._fail_rate), *files]

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.communicate()
