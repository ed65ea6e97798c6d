"""`sampler run` as a process: what its terminal and its log show."""

import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sampler.device.lock import SpoolLock, running_pid
from tests.commands.terminal import Terminal
from tests.commands.waiting import wait_until
from tests.device.spools import contents

pytestmark = pytest.mark.real

DAY = Path(__file__).parents[2] / "data/temperature.txt"
RUN = [sys.executable, "-m", "sampler.cli", "run", "--set", f"sensor.path={DAY}"]
QUICK = [
    "--set",
    "sensor.period_s=0.01",
    "--set",
    "window.length_s=1",
    "--set",
    "backend.url=http://127.0.0.1:1",
]


def test_a_terminal_has_one_live_line_below_the_log(device):
    with Terminal([*RUN, *QUICK, *device.options], device.folder) as terminal:
        terminal.wait_for("the backend is away: connection refused; measurements are kept")
        terminal.wait_for(r"°C · window \d+ of 100 · 0 delivered, 1 waiting · last: connection refused")
        terminal.type("\x03")
        assert terminal.end() == 0
    written = re.split(r"\r\x1b\[2K|\n|\^C", terminal.seen)  # each log line, and each state of the live line
    assert all(len(line) < 80 for line in written if "°C ·" in line)
    assert not [line for line in written if "°C ·" in line and re.search(r"\d\d:\d\d:\d\dZ", line)]
    assert re.search(r"stopped\n[^\n]*\r\x1b\[2K$", terminal.seen)


def test_a_pipe_has_the_log_alone(device):
    with subprocess.Popen([*RUN, *QUICK, *device.options], stderr=subprocess.PIPE, text=True) as daemon:
        lines = [daemon.stderr.readline() for _ in range(3)]
        daemon.send_signal(signal.SIGTERM)
        lines += daemon.stderr.readlines()
    assert daemon.returncode == 0
    assert [line.partition("Z ")[2] for line in lines] == [
        f"a new spool, {device.spool.status().spool_id}, begins in {device.spool_path}\n",
        f"sampling {DAY} every 0.01 s; windows of 1 s go to http://127.0.0.1:1\n",
        "warning: the backend is away: connection refused; measurements are kept\n",
        "stopped\n",
    ]
    first = contents(device.spool)[1]
    assert "away" not in first.quality.missed, "a window begins with its first reading"


def test_a_terminal_that_is_closed_does_not_stop_it(device):
    with Terminal([*RUN, *QUICK, *device.options], device.folder) as terminal:
        terminal.wait_for(r"0 delivered, 1 waiting")
        terminal.close()
        before = device.spool.status().sequence
        wait_until(lambda: device.spool.status().sequence >= before + 2)
        assert running_pid(device.spool_path) == terminal.process.pid
        terminal.process.terminate()
        assert terminal.process.wait(5) == 0


def test_a_reader_of_the_log_who_leaves_does_not_stop_it(device):
    with subprocess.Popen([*RUN, *QUICK, *device.options], stderr=subprocess.PIPE, text=True) as daemon:
        daemon.stderr.readline()
        daemon.stderr.close()
        wait_until(lambda: device.spool.status().sequence >= 2)
        daemon.terminate()
        assert daemon.wait(5) == 0


def test_a_second_daemon_is_told_of_the_first(device):
    with SpoolLock(device.spool_path):
        told = subprocess.run([*RUN, *device.options], check=False, stderr=subprocess.PIPE, text=True)
    assert told.returncode == 1
    assert re.fullmatch(
        rf"Error: another sampler, pid \d+, is using {device.spool_path};"
        r" stop it, or set spool\.path to another file\n",
        told.stderr,
    )


def test_a_source_that_cannot_be_is_named(device):
    command = [
        *RUN[:4],
        "--set",
        "sensor.source=iio",
        "--set",
        f"sensor.path={device.folder}",
        *device.options,
    ]
    told = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True)
    assert told.returncode == 1
    assert told.stderr.endswith(f"Error: {device.folder} has no in_voltage*_raw\n")


def test_an_impossible_configuration_is_told_of_all_at_once(device):
    command = [*RUN, "--set", "retry.attempts=0", "--set", "window.length_s=0.25", *device.options]
    told = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True)
    assert told.returncode == 2
    assert told.stderr == (
        "Error: 2 problems:\n"
        "  --set retry.attempts=0: out of range; give 1 to 1000\n"
        "  --set window.length_s=0.25: no whole number of readings, one each 0.1 s (sensor.period_s);"
        " nearest: 0.2 or 0.3\n"
    )


def test_a_daemon_without_a_standard_error_samples_all_the_same(device):
    command = shlex.join([*RUN, *QUICK, *device.options])
    with subprocess.Popen(["sh", "-c", f"exec {command} 2>&-"]) as daemon:
        wait_until(lambda: running_pid(device.spool_path) == daemon.pid)
        wait_until(lambda: device.spool.status().waiting > 0)
        daemon.send_signal(signal.SIGTERM)
    assert daemon.returncode == 0
