"""A thousand windows through a network and a backend that fail in every way they can."""

import os
import random
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from sampler.device.spool import Spool
from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess, until
from tests.faults.oracle import account, check_numbers, gaps
from tests.faulty_proxy import FaultyProxy, Mode

pytestmark = pytest.mark.real

SEED = int(os.environ.get("FAULT_SEED", str(random.randrange(10**6))))
DEVICES = 5
FIRST = 2048  # of 4096 codes, read once: 204 windows of 10 readings, and what is left
SETTINGS = {
    "window.length_s": 0.1,
    "backend.timeout_s": 0.2,
    "retry.attempts": 10,  # when the source has ended there is no further interval to try in
    "sensor.at_end": "stop",
}
STORM: Sequence[tuple[Mode, float]] = (
    ("ok", 0),
    ("ok", 0),
    ("refuse", 0),
    ("blackhole", 0),
    ("latency", 0.1),
    ("reset_after_request", 0),
    ("cut", 1),
    ("cut", 20),
    ("drip", 20),
)
FAILURES = ("--fail-rate", "0.4", "--fail-after", "0.1")


def test_a_thousand_windows_are_stored_once_each_whatever_the_network_and_the_backend_do(
    tmp_path: Path,
) -> None:
    print(f"FAULT_SEED={SEED}")  # noqa: T201 - pytest shows it where this fails
    with (
        BackendProcess(tmp_path, *FAILURES, "--seed", str(SEED)) as backend,
        FaultyProxy(backend.port) as proxy,
    ):
        devices = [
            DeviceProcess(tmp_path / name, proxy.url, {"sensor.name": name, **SETTINGS})
            for name in (f"device{number}" for number in range(DEVICES))
        ]
        try:
            for device in devices:
                device.launch(FIRST)
            rage(proxy, backend, devices)
            proxy.switch("ok")
            backend.options = ()
            backend.restart()
            # The backlog drains while the last windows are made; then each ends by itself.
            assert [device.wait(30) for device in devices] == [0] * DEVICES
            assert sum(check(device, backend) for device in devices) >= 1000
        finally:
            for device in devices:
                device.kill()


def rage(proxy: FaultyProxy, backend: BackendProcess, devices: Sequence[DeviceProcess]) -> None:
    """Let it storm until every device has made 170 windows."""
    chance = random.Random(SEED)
    spools = [Spool.view(device.spool) for device in devices]
    until(lambda: all(device.spool.exists() and device.note_ready() for device in devices))
    end = time.monotonic() + 120
    while min(spool.status().sequence for spool in spools) < 170:
        assert time.monotonic() < end, "the devices make no windows"
        proxy.switch(*chance.choice(STORM))
        time.sleep(chance.uniform(0.1, 0.5))
        if chance.random() < 0.1:
            chance.choice((backend.stop, backend.kill))()
            time.sleep(chance.uniform(0.0, 0.5))
            backend.start()


def check(device: DeviceProcess, backend: BackendProcess) -> int:
    """Give the number of windows, every one of which is stored once."""
    found = account(device, backend)
    check_numbers(found.windows, device.lives)
    assert gaps(found) == []
    assert found.told["delivered"] == found.told["produced"] == len(found.windows)
    return len(found.windows)
