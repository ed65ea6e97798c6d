"""What several of the device's tests stand on."""

import os

import pytest


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
