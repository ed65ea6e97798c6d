"""The application in the test's own process, over a real SQLite file."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from sampler.backend.app import opened
from sampler.backend.settings import Settings
from tests.disk import Disk

Serve = Callable[..., TestClient[Any]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Open a backend with the settings given, as often as the test likes, over the same files."""
    with contextlib.ExitStack() as stack:

        def start(**settings: Any) -> TestClient[Any]:
            files = {"output_file": tmp_path / "output.txt", "key_file": tmp_path / "backend.key"}
            database = f"sqlite:///{tmp_path / 'backend.db'}"
            chosen = Settings(**{"database": database, **files} | settings)
            app = stack.enter_context(opened(chosen))
            return stack.enter_context(TestClient(app, raise_server_exceptions=False))

        yield start


@pytest.fixture
def client(serve: Serve) -> TestClient[Any]:
    """A backend with the defaults."""
    return serve()


@pytest.fixture
def disk() -> Iterator[Disk]:
    """To be named before the client, so that the client's files lie on it."""
    with Disk() as disk:
        yield disk
