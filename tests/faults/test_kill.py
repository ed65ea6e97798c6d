"""`kill -9` of the daemon at any instant: no window is lost, doubled or falsified."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess, until
from tests.faults.effort import chance, much, note
from tests.faults.oracle import check, check_losses

pytestmark = pytest.mark.real

KILLS = int(os.environ.get("FAULT_KILLS", much("24", "160")))
DEVICES = 4


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[BackendProcess]:
    with BackendProcess(tmp_path, "--fail-rate", "0.4", "--fail-after", "0.1", "--seed", "1") as backend:
        yield backend


def test_kills_at_random_instants_lose_double_and_falsify_nothing(
    tmp_path: Path, backend: BackendProcess
) -> None:
    devices = [
        DeviceProcess(tmp_path / name, backend.url, {"sensor.name": name, "window.length_s": 1.0})
        for name in (f"device{number}" for number in range(DEVICES))
    ]
    with ThreadPoolExecutor(DEVICES) as pool:
        list(pool.map(torment, devices))
    for device, found in zip(devices, check(devices, backend), strict=True):
        check_losses(found, device)


def torment(device: DeviceProcess) -> None:
    """Start and kill the daemon over and over; at last let it deliver all it has."""
    fate = chance(device.name)
    for _ in range(KILLS // DEVICES):
        device.launch(fate.randrange(3500))
        live(device, fate.uniform(0.0, 1.5))
        device.kill()
        note("kill -9 of the daemon at random instants")
        time.sleep(fate.choice((0.0, 0.1, 0.5, 1.2)))
    deliver_all(device)


def live(device: DeviceProcess, seconds: float) -> None:
    """Let it live so long, and take note of when it is ready."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        device.note_ready()
        time.sleep(0.01)


def deliver_all(device: DeviceProcess) -> None:
    """Start it once more, and let it live until nothing waits."""
    with device:
        until(lambda: (now := device.status())["waiting"] == 0 < now["sequence"], 30)
        assert device.stop() == 0
