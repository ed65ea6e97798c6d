"""A running backend, on each engine in turn: each document's examples are spoken to it over HTTP.

`BACKEND_URL=http://… pytest tests/contract` speaks them to one that runs already, in a container, say; and with
`BACKEND_COMMAND="docker exec NAME sampler backend"` also those that need something to be typed there before.
"""

import contextlib
import os
from collections.abc import Iterator

import pytest

from tests.backend_process import BackendProcess
from tests.contract.elsewhere import BackendElsewhere
from tests.postgresql import PostgresqlServer

URL = os.environ.get("BACKEND_URL")


@pytest.fixture(scope="module", params=[URL] if URL else ["sqlite", "postgresql"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BackendProcess]:
    """One process and one database for all tests of a file."""
    if URL:
        yield BackendElsewhere(URL, os.environ.get("BACKEND_COMMAND"))
        return
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
    if not URL:
        running.output_file.write_text("")
    return running
