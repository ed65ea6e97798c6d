"""`sampler check`: each finding is ✓, or ✗ with its cure."""

import os
import re
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from sampler.commands import checks
from sampler.device.lock import SpoolLock
from sampler.device.settings import load
from sampler.measurement import from_nanoseconds
from tests.backend_process import BackendProcess
from tests.device.spools import fill

DAY = str(Path(__file__).parents[2] / "data/temperature.txt")
BEGINNING = datetime(2021, 4, 12, 20, 20, 20, tzinfo=UTC)


def findings(check, *settings):
    return [f"{found.mark} {found.text}" for found in check(load(None, settings, {}))]


def of_source(*settings):
    return findings(checks.source, *settings)


@pytest.fixture
def iio(device):
    """A converter's folder as its Linux driver makes it: 12 bits, 0.8056640625 mV a step, which makes 3.3 V."""
    (device.folder / "in_voltage0_raw").write_text("2048\n")
    (device.folder / "in_voltage_scale").write_text("0.8056640625\n")
    return device.folder / "in_voltage0_raw"


@pytest.mark.real
def test_all_is_well(device):
    fill(device.spool, 0, 1)
    device.spool.close()
    before = sorted(device.folder.iterdir())
    backend_folder = device.folder.parent / "backend"
    backend_folder.mkdir(exist_ok=True)
    with BackendProcess(backend_folder) as backend:
        told = device.type("check", "--set", f"sensor.path={DAY}", "--set", f"backend.url={backend.url}")
        assert backend.measurements() == []
    assert told.exit_code == 0
    assert re.sub(r"clock .*Z\n", "clock\n", told.output).splitlines() == [
        "✓ configuration  windows of 120 s, 1200 readings each",
        f"✓ source         {DAY}: 4.73 °C (code 2241, 1.806 V)",
        "✓ daemon         not running",
        f"✓ directory      {device.folder} can be written and has room",
        f"✓ spool          {device.spool_path}: balanced, 0 delivered, 2 waiting, 0 set aside",
        "✓ clock",
        f"✓ backend        {backend.url} takes measurements",
    ]
    assert sorted(device.folder.iterdir()) == before


@pytest.mark.real
def test_a_backend_that_fails_now_and_then_is_asked_again(device):
    with BackendProcess(device.folder, "--fail-rate", "0.4", "--seed", "3") as backend:
        told = [device.type("check", "--set", f"backend.url={backend.url}").output for _ in range(4)]
    lines = {line for text in told for line in text.splitlines() if " backend " in line}
    assert all(line.startswith(f"✓ backend        {backend.url} takes measurements") for line in lines)
    assert any(", after " in line for line in lines)


@pytest.mark.real
def test_a_backend_that_always_fails_is_given_up(device):
    with BackendProcess(device.folder, "--fail-rate", "1") as backend:
        told = device.type("check", "--set", f"sensor.path={DAY}", "--set", f"backend.url={backend.url}")
    assert told.exit_code == 1
    assert told.output.splitlines()[-1] == (
        f"✗ backend        {backend.url}: 500 Internal Server Error;"
        " see to the backend: until then measurements are kept"
    )


@pytest.mark.real
def test_an_address_that_is_not_the_backend_s(device):
    with BackendProcess(device.folder) as backend:
        told = device.type("check", "--set", f"backend.url={backend.url}/v2")
    assert told.output.splitlines()[-1].startswith(f"✗ backend        {backend.url}/v2: 404 Not Found")
    assert told.output.endswith("; is backend.url right?\n")


def test_no_backend_at_all(device):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        begun = time.monotonic()
        told = device.type("check", "--set", f"sensor.path={DAY}", "--set", f"backend.url={url}")
    assert time.monotonic() - begun < 1
    assert told.exit_code == 1
    assert told.output.splitlines()[-1] == (
        f"✗ backend        {url}: connection refused; start the backend, or see to backend.url"
    )


def test_a_token_that_cannot_be_read(device):
    told = device.type("check", "--set", "backend.token_file=/nowhere/token")
    assert told.output.splitlines()[-1] == (
        "✗ backend        http://localhost:5000:"
        " backend.token_file /nowhere/token: No such file or directory; see to the file"
    )


def test_an_authority_that_cannot_be_read(device):
    told = device.type(
        "check", "--set", "backend.url=https://localhost:1", "--set", "backend.ca_file=/nowhere/ca.pem"
    )
    last = told.output.splitlines()[-1]
    assert last.startswith("✗ backend        https://localhost:1: backend.ca_file /nowhere/ca.pem: ")
    assert last.endswith("; see to the file")


def test_every_mistake_in_the_configuration_has_a_line(device):
    told = device.type("check", "--set", "sensor.pth=x", "--set", "retry.attempts=0")
    assert told.exit_code == 1
    assert told.output == (
        "✗ configuration  --set sensor.pth=x: no such key; did you mean sensor.path?\n"
        "✗ configuration  --set retry.attempts=0: out of range; give 1 to 1000\n"
    )


def test_what_is_doubtful_is_no_failure():
    assert findings(checks.configuration, "backend.url=http://example.org", "backend.token_file=/t") == [
        "✓ windows of 120 s, 1200 readings each",
        "! backend.token_file: the token travels unencrypted; give backend.url an https:// address",
    ]


def test_a_file_without_a_good_reading(device):
    file = device.folder / "adc.txt"
    file.write_text("code\n" * 20)
    assert of_source(f"sensor.path={file}") == [
        f"✗ {file}: 'code' is not an integer; see to sensor.path: one whole number from 0 to 4095 a line"
    ]


def test_a_file_may_begin_with_a_heading(device):
    file = device.folder / "adc.txt"
    file.write_text("code\n\n3000\n")
    assert of_source(f"sensor.path={file}") == [f"✓ {file}: 23.26 °C (code 3000, 2.418 V)"]


def test_a_file_that_stops_before_a_good_reading(device):
    file = device.folder / "adc.txt"
    file.write_text("")
    assert of_source(f"sensor.path={file}", "sensor.at_end=stop") == [
        f"✗ {file} has not one good reading; see to sensor.path: one whole number from 0 to 4095 a line"
    ]


def test_a_file_that_is_not_there():
    assert of_source("sensor.path=/nowhere/adc.txt") == [
        "✗ cannot read /nowhere/adc.txt: No such file or directory;"
        " see to sensor.path: one whole number from 0 to 4095 a line"
    ]


def test_a_file_that_is_followed_has_no_value_at_this_moment(device):
    file = device.folder / "adc.txt"
    file.write_text("3000\n")
    assert of_source(f"sensor.path={file}", "sensor.at_end=follow") == [
        f'✓ {file}: no new value at this moment, as sensor.at_end = "follow" waits for one'
    ]


def test_nothing_is_taken_out_of_a_pipe(device):
    pipe = device.folder / "adc"
    os.mkfifo(pipe)
    holder = os.open(pipe, os.O_RDWR)
    os.write(holder, b"3000\n")
    assert of_source(f"sensor.path={pipe}") == [
        f"✓ {pipe} can be opened; not read here, what is read would be lost to the daemon"
    ]
    assert os.read(holder, 100) == b"3000\n"
    os.close(holder)


def test_a_converter_and_its_reference(iio):
    assert of_source("sensor.source=iio", f"sensor.path={iio}") == [
        f"✓ {iio}: 0.01 °C (code 2048, 1.650 V)",
        "✓ 3.3 V, as the driver says",
    ]


def test_a_reference_that_is_not_the_driver_s(iio):
    assert of_source("sensor.source=iio", f"sensor.path={iio}", "adc.v_ref=2.5")[1] == (
        "✗ the driver's scale makes it 3.3 V, adc.v_ref is 2.5 V; set adc.v_ref = 3.3, or adc.bits to the converter's"
    )


def test_a_converter_without_scale(iio):
    iio.with_name("in_voltage_scale").unlink()
    assert len(of_source("sensor.source=iio", f"sensor.path={iio}")) == 1


def test_a_folder_of_several_channels(iio):
    iio.with_name("in_voltage1_raw").write_text("1\n")
    assert of_source("sensor.source=iio", f"sensor.path={iio.parent}") == [
        f"✗ {iio.parent} has several channels, name one of them: in_voltage0_raw, in_voltage1_raw; see to sensor.path"
    ]


def test_a_running_daemon_is_named(device):
    with SpoolLock(device.spool_path):
        assert findings(checks.daemon, *device.options[1:]) == [f"✓ running, pid {os.getpid()}"]


def test_a_state_directory_that_is_still_to_be_made(device):
    path = device.folder / "a/b/spool.db"
    assert findings(checks.state_directory, f"spool.path={path}") == [
        f"✓ {path.parent} will be made: it can be written and has room"
    ]
    assert findings(checks.spool, f"spool.path={path}") == [f"✓ {path} will be made"]
    assert not list(device.folder.iterdir())


def test_a_state_directory_that_cannot_be_written(device):
    file = device.folder / "file"
    file.touch()
    assert findings(checks.state_directory, f"spool.path={file}/spool.db") == [
        f"✗ {file} may not be written: Not a directory;"
        f" give it to user {os.geteuid()}, or set spool.path to a file elsewhere"
    ]


def test_a_state_directory_without_room(device):
    (found,) = findings(checks.state_directory, *device.options[1:], "spool.max_measurements=1000000000")
    assert re.fullmatch(
        rf"✗ {device.folder} has room for \d+ measurements;"
        r" free some, or set spool.max_measurements to less than its 1000000000",
        found,
    )


def test_a_spool_that_is_none(device):
    device.spool_path.write_text("dear diary, " * 1000)
    (found,) = findings(checks.spool, *device.options[1:])
    assert found.startswith(f"✗ {device.spool_path}: ")


def test_a_spool_is_recounted(device):
    fill(device.spool, 0, 4)
    device.spool.delivered([1], BEGINNING)
    assert findings(checks.spool, *device.options[1:]) == [
        f"✓ {device.spool_path}: balanced, 1 delivered, 4 waiting, 0 set aside"
    ]
    device.spool.close()
    stolen = apsw.Connection(str(device.spool_path))
    stolen.execute("DELETE FROM measurement WHERE sequence = 3")
    stolen.close()
    assert findings(checks.spool, *device.options[1:]) == [
        f"✗ {device.spool_path} does not balance; `sampler verify` names what is missing"
    ]


@pytest.mark.parametrize(("seconds", "mark"), [(-1, "✗"), (0, "✓"), (60, "✓")])
def test_a_clock_before_the_newest_time_in_the_spool_is_not_set(device, seconds, mark):
    fill(device.spool, 0, 0)  # ends two minutes after the beginning
    now = BEGINNING + timedelta(seconds=120 + seconds)
    (found,) = checks.clock(load(None, device.options[1:], {}), now)
    assert found.mark == mark
    if mark == "✗":
        assert found.text == (
            "2021-04-12 20:22:19Z lies before the newest measurement's end, 2021-04-12 20:22:20Z;"
            " set it: until then windows are held back, 600 s at most"
        )


def test_a_clock_in_1970_is_not_set_whatever_the_spool_knows(device):
    (found,) = checks.clock(load(None, device.options[1:], {}), from_nanoseconds(5_000_000_000))
    assert (found.mark, found.text) == (
        "✗",
        "1970-01-01 00:00:05Z lies before any time that it could be, 2020-01-01 00:00:00Z;"
        " set it: until then windows are held back, 600 s at most",
    )
