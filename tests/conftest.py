"""What tests of several folders share."""

from collections.abc import Iterator

import pytest

from tests.postgresql import PostgresqlServer, reason_for_no_postgresql


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """One server for all who leave it running, started for the first of them."""
    if reason := reason_for_no_postgresql():
        pytest.skip(reason)
    with PostgresqlServer() as server:
        yield server
