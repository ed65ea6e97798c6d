"""`sampler status` on real spools, beside a daemon's lock and without."""

import json
import os
import re
import select
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from sampler.device.lock import SpoolLock
from tests.commands.terminal import Terminal
from tests.device.spools import NOW, fill, window

STATUS = [sys.executable, "-m", "sampler.cli", "status"]


def left_open(number):
    """A window of 1200 readings that has come to its 600th: 580 taken, 13 missed, 7 bad."""
    one = window(number, taken=580)
    one.miss(10, "away")
    one.miss(3, "late")
    for _ in range(7):
        one.spoil("blank")
    return one


def test_how_it_stands_as_json(device):
    fill(device.spool, 0, 4)
    device.spool.delivered([1, 2], NOW)
    device.spool.set_aside(3, "400 Bad Request", NOW)
    device.spool.drop([4], "dropped by the operator")
    device.spool.note_error("connection refused", NOW)
    device.spool.journal(left_open(5))
    told = device.type("status", "--json")
    assert told.exit_code == 0
    assert json.loads(told.output) == {
        "state": "stopped",
        "pid": None,
        "spool": str(device.spool_path),
        "sequence": 5,
        "delivered": 2,
        "waiting": 1,
        "held": 0,
        "set_aside": 1,
        "dropped": 1,
        "empty": 0,
        "window": {
            "start": "2021-04-12T20:30:20.000Z",
            "end": "2021-04-12T20:32:20.000Z",
            "planned": 1200,
            "due": 600,
            "taken": 580,
            "missed": 13,
            "bad": 7,
            "reasons": {"missed": {"away": 10, "late": 3}, "bad": {"blank": 7}},
            "clock": "set",
        },
        "last_delivery": {"time": "2021-04-13T00:00:00.000Z", "sequence": 2, "count": 2},
        "last_error": {"time": "2021-04-13T00:00:00.000Z", "text": "connection refused"},
    }


def test_how_it_stands_after_the_daemon_s_end(device):
    fill(device.spool, 0, 3)
    device.spool.delivered([1], datetime.now(UTC) - timedelta(minutes=10))
    device.spool.set_aside(2, "400 Bad Request", NOW)
    device.spool.drop([3], "dropped by the operator")
    device.spool.note_error("connection refused", datetime.now(UTC) - timedelta(seconds=30))
    device.spool.journal(left_open(4))
    told = device.type("status")
    assert told.exit_code == 0
    assert re.sub(r"\b3\d s", "30 s", told.output).splitlines() == [
        f"stopped, {device.spool_path}",
        "",
        "window      2021-04-12 20:28:20 to 20:30:20Z: 580 of 1200 readings",
        "            13 missed (10 away, 3 late), 7 bad (7 blank)",
        "            left open: `sampler run` goes on with it, or closes it as it stands",
        "delivered   1; the last, number 1, 10 min ago",
        "waiting     1",
        "set aside   1; `sampler backlog list` shows the backend's words",
        "dropped     1; `sampler verify` names them and says why",
        "last error  connection refused, 30 s ago",
    ]


def test_how_it_stands_beside_a_daemon(device):
    fill(device.spool, 0, 0)
    with SpoolLock(device.spool_path):
        told = device.type("status")
        as_json = device.type("status", "--json")
    assert told.output.splitlines() == [
        f"running, pid {os.getpid()}, {device.spool_path}",
        "",
        "window      2021-04-12 20:22:20 to 20:24:20Z: 0 of 1200 readings",
        "delivered   0",
        "waiting     1",
        "set aside   0",
        "dropped     0",
    ]
    assert json.loads(as_json.output)["state"] == "running"
    assert json.loads(as_json.output)["pid"] == os.getpid()


def test_why_waiting_windows_are_not_whole(device):
    fill(device.spool, 0, 0)
    device.spool.turn(left_open(1), window(2, taken=0))
    stepped = window(2, clock="stepped")
    device.spool.turn(stepped, window(3, taken=0))
    assert device.type("status").output.splitlines()[-4:] == [
        "",
        "not whole, of the newest 3 that wait:",
        "        2  2021-04-12 20:22:20 to 20:24:20Z: 13 missed (10 away, 3 late), 7 bad (7 blank)",
        "        3  2021-04-12 20:24:20 to 20:26:20Z: clock stepped",
    ]


def test_what_is_held_back_for_the_clock_and_what_was_empty(device):
    device.spool.turn(window(0, taken=0), window(1, taken=0))
    device.spool.turn(window(1, clock="unset"), window(2, taken=0, clock="unset"), hold=True)
    lines = device.type("status").output.splitlines()
    assert "waiting     1; 1 of them held back until the clock is set" in lines
    assert "empty       1; windows without one good reading; `sampler verify` names them" in lines


def test_a_time_that_is_still_to_come_is_written_out(device):
    fill(device.spool, 0, 0)
    device.spool.delivered([1], datetime(2999, 1, 1, tzinfo=UTC))
    assert "delivered   1; the last, number 1, 2999-01-01 00:00:00Z" in device.type("status").output


def test_looking_leaves_no_trace(device):
    fill(device.spool, 0, 0)
    device.spool.close()
    before = {path: path.read_bytes() for path in device.folder.iterdir()}
    device.type("status")
    assert {path: path.read_bytes() for path in device.folder.iterdir()} == before


def test_where_there_is_no_spool_none_is_made(device):
    told = device.type("status")
    assert told.exit_code == 1
    assert told.output == f"Error: {device.spool_path}: there is no spool; `sampler run` makes one\n"
    assert not list(device.folder.iterdir())


def test_a_file_that_is_no_spool(device):
    device.spool_path.write_text("dear diary, " * 1000)
    told = device.type("status")
    assert told.exit_code == 1
    assert told.output.startswith(f"Error: {device.spool_path}: ")


def test_an_impossible_configuration_is_shown(device):
    told = device.type("status", "--set", "sensor.pth=x")
    assert told.exit_code == 2
    assert told.output == "Error: --set sensor.pth=x: no such key; did you mean sensor.path?\n"


@pytest.mark.real
def test_watching_in_a_pipe_tells_each_change_once_and_ends_at_ctrl_c(device):
    fill(device.spool, 0, 0)
    with subprocess.Popen([*STATUS, "--watch", *device.options], stdout=subprocess.PIPE, text=True) as watch:
        first = watch.stdout.readline()
        device.spool.delivered([1], NOW)
        second = watch.stdout.readline()
        assert not select.select([watch.stdout], [], [], 2.2)[0], (
            "it has looked twice, and nothing has changed"
        )
        watch.send_signal(signal.SIGINT)
        assert watch.stdout.read() == ""
    assert watch.returncode == 0
    assert [line[20:] for line in (first, second)] == [
        " stopped · 0 delivered, 1 waiting, 0 set aside, 0 dropped · window 0 of 1200\n",
        " stopped · 1 delivered, 0 waiting, 0 set aside, 0 dropped · window 0 of 1200\n",
    ]


@pytest.mark.real
def test_watching_on_a_terminal_redraws_the_screen(device):
    fill(device.spool, 0, 0)
    with Terminal([*STATUS, "--watch", *device.options], device.folder) as terminal:
        terminal.wait_for(r"\x1b\[H(.*\n)*waiting     1\x1b\[K\n(.*\n)*\x1b\[J")
        device.spool.delivered([1], NOW)
        terminal.wait_for(r"waiting     0\x1b\[K\n")
        terminal.type("\x03")
        assert terminal.end() == 0
    assert "Aborted" not in terminal.seen


@pytest.mark.real
def test_watching_waits_for_a_daemon_to_make_its_spool(device):
    command = [*STATUS, "--watch", "--json", *device.options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watch:
        assert watch.stderr.readline() == f"{device.spool_path}: there is no spool; `sampler run` makes one\n"
        fill(device.spool, 0, 0)
        assert json.loads(watch.stdout.readline())["waiting"] == 1
        watch.send_signal(signal.SIGINT)
