"""Databases of both engines, to be backed up and restored into."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgresql import PostgresqlServer

NewDatabase = Callable[[str], str]


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewDatabase]:
    """Give the URL of a database that nobody has used yet, of the engine named."""
    numbers = itertools.count()
    with contextlib.ExitStack() as stack:

        def new(engine: str) -> str:
            if engine == "sqlite":
                return f"sqlite:///{tmp_path}/{next(numbers)}/backend.db"
            server: PostgresqlServer = request.getfixturevalue("postgresql")
            return stack.enter_context(server.new_database())

        yield new


@pytest.fixture(params=["sqlite", "postgresql"])
def source(request: pytest.FixtureRequest, new_database: NewDatabase) -> str:
    return new_database(request.param)


@pytest.fixture(params=["to sqlite", "to postgresql"])
def target(request: pytest.FixtureRequest, new_database: NewDatabase) -> str:
    return new_database(request.param.removeprefix("to "))
