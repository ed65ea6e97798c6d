"""The daemon as those see it who start it, stop it, and change its configuration."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backend_process import BackendProcess
from tests.faults.device_process import SAMPLER, DeviceProcess, ramp, until
from tests.faults.oracle import NS, account, check_gaps, check_numbers, gaps
from tests.faulty_proxy import FaultyProxy

pytestmark = pytest.mark.real

TIMEOUT_S = 1.0
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[BackendProcess]:
    with BackendProcess(tmp_path) as backend:
        yield backend


def test_a_backend_that_is_absent_at_the_start_gets_everything_when_it_comes(
    tmp_path: Path, backend: BackendProcess
) -> None:
    with FaultyProxy(backend.port) as proxy:
        proxy.switch("refuse")
        with DeviceProcess(tmp_path / "device", proxy.url) as device:
            until(lambda: device.look().sequence >= 4)
            assert device.log.count("the backend is away: connection refused") == 1
            proxy.switch("ok")
            until(lambda: device.look().delivered >= 5)
            assert "the backend is back" in device.log
            device.stop()
        found = account(device, backend)
    check_numbers(found.windows, device.lives)
    assert found.windows[0].sequence == 1


def test_a_stop_during_a_request_that_hangs_takes_a_second_and_its_time_out_at_most(
    tmp_path: Path, backend: BackendProcess
) -> None:
    with FaultyProxy(backend.port) as proxy:
        proxy.switch("blackhole")
        settings = {"backend.timeout_s": TIMEOUT_S, "window.length_s": 0.2}
        with DeviceProcess(tmp_path / "device", proxy.url, settings) as device:
            until(lambda: proxy.connections >= 2)  # the first has timed out, the second hangs
            began = time.monotonic()
            assert device.stop() == 0
            assert time.monotonic() - began < 1.0 + TIMEOUT_S
        proxy.switch("ok")
        found = account(device, backend)
    assert found.told["waiting"] == found.told["produced"] >= 1


def test_a_stop_leaves_the_window_open_and_a_start_in_time_goes_on_with_it(
    tmp_path: Path, backend: BackendProcess
) -> None:
    with DeviceProcess(tmp_path / "device", backend.url, {"window.length_s": 4.0}) as device:
        until(lambda: (now := device.look()).window and now.window.taken >= 50)
        assert device.stop() == 0
        left = device.status()
        assert (left["sequence"], left["state"], left["window"]["planned"]) == (0, "stopped", 400)
        assert left["window"]["due"] == left["window"]["taken"] + left["window"]["missed"] < 150
        device.start(1000)
        assert (
            f"the window goes on: {left['window']['taken']} of 400 readings were taken before" in device.log
        )
        until(lambda: device.look().delivered == 1)
        device.stop()
    [window] = account(device, backend).windows
    check_numbers([window], device.lives)
    ended, ready = device.lives[0].ended or 0, device.lives[1].ready or 0
    assert window.quality["due"] == 400
    assert 0 < window.missed("away") * device.period_s <= (ready - ended) / NS + 0.3


def test_a_start_after_the_windows_end_sends_it_as_it_stood(tmp_path: Path, backend: BackendProcess) -> None:
    with DeviceProcess(tmp_path / "device", backend.url, {"window.length_s": 1.0}) as device:
        until(lambda: (now := device.look()).window and 20 <= now.window.taken <= 50)
        device.stop()
        left = device.look().window
        assert left
        time.sleep(1.0)
        device.start(1000)
        until(lambda: device.look().delivered >= 2)
        device.stop()
    found = account(device, backend)
    check_numbers(found.windows, device.lives)
    check_gaps(found, device.lives)
    assert found.windows[0].quality["taken"] == left.taken
    assert found.windows[0].missed("away") == 100 - left.due


def test_a_second_daemon_on_a_spool_is_refused_and_told_whose_it_is(tmp_path: Path) -> None:
    with DeviceProcess(tmp_path / "device", NOBODY) as device:
        second = subprocess.run(
            [*SAMPLER, "run", *device.options()], capture_output=True, text=True, timeout=10, check=False
        )
        assert second.returncode == 1
        assert f"another sampler, pid {device.pid}, is using {device.spool}" in second.stderr
        assert device.is_running


def test_a_reload_tells_what_has_changed_and_sends_to_the_new_address_at_once(
    tmp_path: Path, backend: BackendProcess
) -> None:
    config = tmp_path / "sampler.toml"
    config.write_text(f'[backend]\nurl = "{NOBODY}"\n')
    with DeviceProcess(tmp_path / "device", backend.url, {"backend.url": None}, config=config) as device:
        until(lambda: "the backend is away" in device.log)
        config.write_text("[backend]\nurl = 5000\n")
        device.signal(signal.SIGHUP)
        until(lambda: "the configuration stays as it was" in device.log)
        config.write_text(f'[backend]\nurl = "{backend.url}"\n[spool]\nmax_measurements = 9\n')
        device.signal(signal.SIGHUP)
        until(lambda: "configuration read again" in device.log)
        assert f'backend.url: "{NOBODY}" → "{backend.url}"' in device.log
        assert "spool.max_measurements: 262800 → 9 (from the next start)" in device.log
        until(lambda: device.look().delivered >= 2)
        device.stop()
        account(device, backend)
    assert len(device.lives) == 1


def test_a_source_that_ends_ends_the_daemon_when_all_is_delivered(
    tmp_path: Path, backend: BackendProcess
) -> None:
    device = DeviceProcess(tmp_path / "device", backend.url, {"sensor.at_end": "stop"})
    try:
        device.launch(4095 - 119)  # 120 codes: two windows of 50 readings, one of 20
        assert device.wait(10) == 0
    finally:
        device.kill()
    found = account(device, backend)
    check_numbers(found.windows, device.lives)
    assert sum(window.quality["taken"] for window in found.windows) == 120
    assert found.told["delivered"] == len(found.windows) >= 3


def test_a_source_that_is_not_there_is_told_once_and_read_when_it_comes(
    tmp_path: Path, backend: BackendProcess
) -> None:
    source = tmp_path / "not yet"
    with DeviceProcess(tmp_path / "device", backend.url, {"sensor.path": source}) as device:
        until(lambda: device.look().empty >= 2)
        ramp(source, 0)
        until(lambda: device.look().delivered >= 2)
        device.stop()
        assert device.log.count(f"bad reading: cannot read {source}: No such file or directory") == 1
    found = account(device, backend)
    check_numbers(found.windows, device.lives)
    assert found.windows[0].quality["bad"].keys() <= {"failed"}
    assert gaps(found) == []
