"""A running backend, on each engine in turn: each document's examples are spoken to it over HTTP."""

import contextlib
from collections.abc import Iterator

import pytest

from tests.backend_process import BackendProcess
from tests.postgresql import PostgresqlServer


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BackendProcess]:
    """One process and one database for all tests of a file."""
    with contextlib.ExitStack() as stack:
        database = None
        if request.param == "postgresql":
            server: PostgresqlServer = request.getfixturevalue("postgresql")
            database = stack.enter_context(server.new_database())
        folder = tmp_path_factory.mktemp("contract")
        yield stack.enter_context(BackendProcess(folder, database_url=database))


@pytest.fixture
def backend(running: BackendProcess) -> BackendProcess:
    """That process, with what the tests before have stored: choose names of your own. The output file is empty."""
    running.output_file.write_text("")
    return running
