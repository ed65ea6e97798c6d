"""What tests of several folders share."""

import signal
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


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Let Ctrl-C end what the tests start: behind `&` a shell has it ignored, and children inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
