"""What several of the device's tests stand on."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is put on it is closed when the test ends, the last first."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def forbidden(tmp_path):
    """A path that the test may not even look at. Root may do anything, and is somebody else meanwhile."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield closed / "in_voltage0_raw"
    os.seteuid(user)
    closed.chmod(0o700)
