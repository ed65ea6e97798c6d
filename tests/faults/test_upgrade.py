"""Daemon and backend are upgraded from the previous release in mid-window, and go back: nothing is lost or doubled."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import requests

from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess, until
from tests.faults.effort import note
from tests.faults.load import Load
from tests.faults.oracle import check, check_losses
from tests.faults.previous_release import BACKEND, DAEMON, installed
from tests.faults.rooms import Customers, Environment, Readings, Room, Temperatures

pytestmark = pytest.mark.real

NEW: Mapping[str, str] = {}
LENGTH_S = 3.0


def test_an_open_window_goes_on_through_an_upgrade_and_back(tmp_path: Path) -> None:
    old = installed(DAEMON, tmp_path / "previous")
    with BackendProcess(tmp_path) as backend:
        device = DeviceProcess(tmp_path / "device", backend.url, {"window.length_s": LENGTH_S})
        device.environ.update(old)
        with device:
            for release in (NEW, old, NEW):
                taken = in_mid_window(device)
                change(device, release)
                device.start(1000 * (len(device.lives) % 4))
                assert f"the window goes on: {taken} of 300 readings were taken before" in device.log
            until(lambda: device.look().delivered >= 4)
            device.stop()
        [found] = check([device], backend)
    check_losses(found, device)
    assert not found.dropped
    assert len({window.key.rpartition("-")[0] for window in found.windows}) == 1
    assert sum(window.missed("away") > 0 for window in found.windows) == 3


def in_mid_window(device: DeviceProcess) -> int:
    """Wait until another window is open for a fifth of its time; stop, and give the readings that it has."""
    wanted = device.look().sequence + 1
    until(lambda: (now := device.look()).sequence >= wanted and now.window and now.window.due >= 40)
    assert device.stop() == 0
    left = device.look().window
    assert left
    return left.taken


def test_a_backend_is_upgraded_under_load_and_goes_back(tmp_path: Path, database_url: str | None) -> None:
    old = installed(BACKEND, tmp_path / "previous")
    backend = BackendProcess(tmp_path, database_url=database_url)
    backend.environ |= old
    with backend, DeviceProcess(tmp_path / "device", backend.url) as device:
        with Load(rooms_as_a_client_sees_them(backend), [backend.url]) as load:
            for release in (NEW, old, NEW):
                wanted = load.writes + 40
                until(lambda wanted=wanted: load.writes >= wanted)
                backend.stop()
                change(backend, release)
                backend.start()
        until(lambda: device.look().waiting == 0)
        device.stop()
        load.check(backend.url)
        [found] = check([device], backend)
    assert not found.dropped


def rooms_as_a_client_sees_them(backend: BackendProcess) -> list[Room]:
    """Every room, made ready by the release that runs: not by this version's own way to the database."""
    user = {"username": "ada", "email": "ada@example.com", "password": "analytical"}
    requests.post(f"{backend.url}/auth/register", json=user, timeout=10).raise_for_status()
    tokens = requests.post(f"{backend.url}/auth/login", json=user, timeout=10).json()
    signed_in = {"Authorization": f"Bearer {tokens['access_token']}"}
    return [Temperatures(), Readings(), Customers(backend), Environment(signed_in)]


def change(process: DeviceProcess | BackendProcess, release: Mapping[str, str]) -> None:
    """Let it be of that release at its next start."""
    for name in ("PYTHONPATH", "PYTHONSAFEPATH"):
        process.environ.pop(name, None)
    process.environ.update(release)
    note(f"changes of the {'daemon' if isinstance(process, DeviceProcess) else 'backend'}'s release")
