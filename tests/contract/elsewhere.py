"""A backend that somebody else has started."""

import shlex
import subprocess
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.backend_process import BackendProcess

_MASTERS = {"database_url", "kill", "log", "output_file", "pid", "restart", "start", "stop"}


class BackendElsewhere(BackendProcess):
    """A test that wants to be its master, to read its files or end it, is skipped."""

    def __init__(self, url: str, command: str | None) -> None:
        """`command` is what the backend's commands are typed behind, there."""
        self._url = url.rstrip("/")
        self._typed_behind = command

    @property
    def url(self) -> str:
        return self._url

    @property
    def port(self) -> int:
        return urlsplit(self._url).port or 80

    def command(self, *arguments: str, code: int = 0) -> str:
        if self._typed_behind is None:
            pytest.skip("needs BACKEND_COMMAND, to type something where the backend is")
        command = [*shlex.split(self._typed_behind), *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        assert done.returncode == code
        return done.stdout

    def __getattribute__(self, name: str) -> Any:
        if name in _MASTERS:
            pytest.skip("needs a backend of its own")
        return super().__getattribute__(name)
