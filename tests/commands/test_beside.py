"""Commands beside a daemon that runs and a backend that receives."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.backend_process import BackendProcess
from tests.commands.waiting import wait_until

pytestmark = pytest.mark.real

DAY = Path(__file__).parents[2] / "data/temperature.txt"


@pytest.fixture
def backend(tmp_path_factory):
    with BackendProcess(tmp_path_factory.mktemp("backend")) as process:
        yield process


@pytest.fixture
def daemon(device, backend):
    settings = [
        f"sensor.path={DAY}",
        "sensor.period_s=0.01",
        "window.length_s=0.5",
        f"backend.url={backend.url}",
    ]
    options = [part for setting in settings for part in ("--set", setting)]
    command = [sys.executable, "-m", "sampler.cli", "run", *options, *device.options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: device.spool_path.exists() and device.type("status").exit_code == 0)
        yield process
        process.terminate()
        process.log = process.stderr.read()
    assert process.returncode == 0
    assert "Z error" not in process.log


def starts(backend):
    return {one["time"]["start"] for one in backend.measurements()}


def test_a_replayed_log_is_delivered_by_the_daemon_that_runs(device, backend, daemon):
    log = device.folder / "adc.log"
    log.write_text("2048\n3000\n")
    told = device.type("replay", str(log), "--start", "2021-04-12T20:20:20Z", "--send")
    assert told.exit_code == 0
    wait_until(lambda: "2021-04-12T20:20:20.000Z" in starts(backend))
    assert json.loads(device.type("verify", "--json").output)["balanced"]


def test_what_is_retried_is_delivered_by_the_daemon_that_runs(device, backend, daemon):
    wait_until(lambda: device.spool.status().delivered >= 1)
    log = device.folder / "adc.log"
    log.write_text("4095\n3000\n")
    # A converter that reaches 60 °C: the backend takes none above 50, until the operator has put that right.
    device.type("replay", str(log), "--start", "2021-04-12T20:20:20Z", "--send", "--set", "adc.max_c=60")
    wait_until(lambda: device.spool.status().set_aside == 1)
    (refused,) = device.spool.entries("set_aside")
    assert "400 Bad Request" in device.type("backlog", "list").output
    assert device.type("backlog", "retry", str(refused.sequence)).output == "1 wait again\n"
    wait_until(lambda: [one.since for one in device.spool.entries("set_aside")] not in ([], [refused.since]))
    assert device.type("backlog", "drop", "--set-aside", "--yes").output == "1 dropped\n"
    account = json.loads(device.type("verify", "--json").output)
    assert (account["dropped"], account["set_aside"], account["balanced"]) == (1, 0, True)


def test_status_and_check_see_the_daemon_and_leave_it_in_peace(device, backend, daemon):
    wait_until(lambda: device.spool.status().delivered >= 1)
    status = json.loads(device.type("status", "--json").output)
    assert (status["state"], status["pid"]) == ("running", daemon.pid)
    assert status["last_delivery"]["sequence"] == status["delivered"]
    told = device.type("check", "--set", f"sensor.path={DAY}", "--set", f"backend.url={backend.url}")
    assert told.exit_code == 0, told.output
    assert f"✓ daemon         running, pid {daemon.pid}\n" in told.output
