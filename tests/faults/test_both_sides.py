"""Daemons and their backend die again and again while the network between them fails; then it is calm."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess
from tests.faults.effort import SEED, chance, much, note
from tests.faults.load import Load
from tests.faults.oracle import check, check_losses
from tests.faults.rooms import rooms_of
from tests.faults.test_delivery_storm import FAILURES, drain, storm
from tests.faults.test_kill import live
from tests.faulty_proxy import FaultyProxy

pytestmark = pytest.mark.real

DEVICES = 2
RAGE_S = much(6, 30)


def test_when_it_is_calm_again_everything_is_there_and_once(tmp_path: Path, database_url: str | None) -> None:
    with (
        BackendProcess(tmp_path, *FAILURES, "--seed", str(SEED), database_url=database_url) as backend,
        FaultyProxy(backend.port) as proxy,
    ):
        devices = [
            DeviceProcess(tmp_path / name, proxy.url, {"sensor.name": name, "window.length_s": 0.4})
            for name in (f"device{number}" for number in range(DEVICES))
        ]
        with Load(rooms_of(backend), [backend.url], clients=2, fails=True) as load:
            end = time.monotonic() + RAGE_S
            with ThreadPoolExecutor(DEVICES) as pool:
                haunted = [pool.submit(haunt_device, device, end) for device in devices]
                haunt_the_others(proxy, backend, end)
            for each in haunted:
                each.result()
            backend.options = ()
            backend.restart()
            proxy.switch("ok")
        for device in devices:
            device.start()
        drain(devices)
        load.check(backend.url)
        for device, found in zip(devices, check(devices, backend), strict=True):
            check_losses(found, device)
            assert not found.dropped


def haunt_device(device: DeviceProcess, end: float) -> None:
    """Kill it, suspend it and start it again, over and over."""
    fate = chance(device.name)
    while time.monotonic() < end:
        device.launch(fate.randrange(3500))
        live(device, fate.uniform(0.0, 2.0))
        if fate.random() < 0.2:
            device.signal(signal.SIGSTOP)
            time.sleep(fate.uniform(0.0, 1.0))
            device.signal(signal.SIGCONT)
            live(device, fate.uniform(0.0, 1.0))
        device.kill()
        note("kill -9 of the daemon with both sides in trouble")
        time.sleep(fate.choice((0.0, 0.1, 0.5)))


def haunt_the_others(proxy: FaultyProxy, backend: BackendProcess, end: float) -> None:
    """Let the network fail in one way after the other, and kill the backend now and then."""
    fate = chance("both sides")
    while time.monotonic() < end:
        storm(proxy, fate)
        time.sleep(fate.uniform(0.1, 0.5))
        if fate.random() < 0.3:
            backend.kill()
            note("kill -9 of the backend with both sides in trouble")
            time.sleep(fate.uniform(0.0, 0.5))
            backend.start()
