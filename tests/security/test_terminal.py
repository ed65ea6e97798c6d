"""What comes from others and is shown on the operator's terminal."""

from typing import Any

import pytest
from click.testing import CliRunner
from litestar.testing import TestClient

from sampler.backend.command import backend

ESCAPES = "%1b%5b2J%c2%9b1m%e2%80%ae"
"""Clears the screen, colours it, and turns the text around."""


@pytest.mark.usefixtures("database_in_environ")
def test_what_a_client_wrote_does_nothing_to_the_terminal_that_shows_its_receipt(
    client: TestClient[Any],
) -> None:
    assert client.get(f"/sensors?{ESCAPES}=1&{ESCAPES}=2").status_code == 400  # its name is in the reason
    assert client.get("/receipts").json()  # it is written now

    shown = CliRunner().invoke(backend, ["receipts"]).output

    assert "[2J" in shown
    assert all(line.isprintable() for line in shown.splitlines())
