"""Windows through a network and a backend that fail in every way they can."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from sampler.device.spool import Spool
from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess, until
from tests.faults.effort import SEED, chance, much, note
from tests.faults.oracle import check, gaps
from tests.faulty_proxy import FaultyProxy, Mode

pytestmark = pytest.mark.real

DEVICES = much(2, 5)
WINDOWS = much(60, 204)
CALM_S = 30
"""Within what time everything is to be delivered when nothing fails any more."""
SETTINGS = {
    "sensor.period_s": 0.02,  # the codes last for 80 s
    "window.length_s": 0.1,
    "backend.timeout_s": 0.2,
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


def test_each_window_is_stored_once_whatever_the_network_and_the_backend_do(
    tmp_path: Path, database_url: str | None
) -> None:
    with (
        BackendProcess(tmp_path, *FAILURES, "--seed", str(SEED), database_url=database_url) as backend,
        FaultyProxy(backend.port) as proxy,
        ExitStack() as stack,
    ):
        devices = [
            DeviceProcess(tmp_path / name, proxy.url, {"sensor.name": name, **SETTINGS})
            for name in (f"device{number}" for number in range(DEVICES))
        ]
        for device in devices:
            stack.callback(device.kill)
            device.launch()
        rage(proxy, backend, devices)
        proxy.switch("ok")
        backend.options = ()
        backend.restart()
        drain(devices)
        for found in check(devices, backend):
            assert gaps(found) == []
            assert found.told["produced"] >= WINDOWS


def drain(devices: Sequence[DeviceProcess]) -> None:
    """Let each deliver what is left within a bounded time, now that nothing fails any more."""
    end = time.monotonic() + CALM_S
    for device in devices:
        until(lambda device=device: device.look().waiting == 0, end - time.monotonic())
        assert device.stop() == 0


def rage(proxy: FaultyProxy, backend: BackendProcess, devices: Sequence[DeviceProcess]) -> None:
    """Let it storm until every device has made its windows."""
    fate = chance("storm")
    spools = [Spool.view(device.spool) for device in devices]
    until(lambda: all(device.spool.exists() and device.note_ready() for device in devices))
    end = time.monotonic() + 120
    while min(spool.status().sequence for spool in spools) < WINDOWS:
        assert time.monotonic() < end, "the devices make no windows"
        storm(proxy, fate)
        time.sleep(fate.uniform(0.1, 0.5))
        if fate.random() < 0.1:
            fate.choice((backend.stop, backend.kill))()
            note("ends of the backend in a storm")
            time.sleep(fate.uniform(0.0, 0.5))
            backend.start()


def storm(proxy: FaultyProxy, fate: Random) -> None:
    """Let the network misbehave in another way."""
    proxy.switch(*fate.choice(STORM))
    note("changes of a network that fails")
