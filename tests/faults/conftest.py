"""What tests of faults share; and what was done to the product, at the end of pytest's output."""

from collections.abc import Iterator

import pytest

from tests.faults.effort import summary
from tests.postgresql import PostgresqlServer


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell it, and how many tests did not find things as they must be."""
    if lines := summary():
        wrong = sum(
            report.nodeid.startswith("tests/faults/")
            for outcome in ("failed", "error")
            for report in terminalreporter.getreports(outcome)
        )
        terminalreporter.section("faults")
        for line in [*lines, f"{wrong:6} violations"]:
            terminalreporter.line(line)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """A new database of each engine in turn; None is the backend's own file."""
    if request.param == "sqlite":
        yield None
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    with server.new_database() as url:
        yield url
