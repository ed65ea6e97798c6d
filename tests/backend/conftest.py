"""The application in the test's own process, over a real SQLite file or, where a test asks, over both engines."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from sampler.backend.app import opened
from sampler.backend.settings import Settings
from tests.disk import Disk
from tests.postgresql import PostgresqlServer

Serve = Callable[..., TestClient[Any]]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, of each engine in turn; `serve` and `client` use it if the test names it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'backend.db'}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    with server.new_database() as url:
        yield url


@pytest.fixture
def serve(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serve]:
    """Open a backend with the settings given, as often as the test likes, over the same database.

    Over both engines in turn: `@pytest.mark.usefixtures("database_url")`.
    """
    both = "database_url" in request.fixturenames
    database = request.getfixturevalue("database_url") if both else f"sqlite:///{tmp_path / 'backend.db'}"
    with contextlib.ExitStack() as stack:

        def start(**settings: Any) -> TestClient[Any]:
            files = {"output_file": tmp_path / "output.txt", "key_file": tmp_path / "backend.key"}
            chosen = Settings(**{"database": database, **files} | settings)
            app = stack.enter_context(opened(chosen))
            return stack.enter_context(TestClient(app, raise_server_exceptions=False))

        yield start


@pytest.fixture
def client(serve: Serve) -> TestClient[Any]:
    """A backend with the defaults."""
    return serve()


@pytest.fixture
def database_in_environ(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Point the commands at the database that `serve` uses."""
    both = "database_url" in request.fixturenames
    url = request.getfixturevalue("database_url") if both else f"sqlite:///{tmp_path / 'backend.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))


@pytest.fixture
def disk() -> Iterator[Disk]:
    """To be named before the client, so that the client's files lie on it."""
    with Disk() as disk:
        yield disk
