"""`sampler replay`: recorded codes become measurements.

Of the codes, 0 is -50 °C, 2048 is 0.01 °C, 3000 is 23.26 °C and 4095 is 50 °C.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sampler.measurement import iso
from tests.commands.terminal import Terminal

DAY = Path(__file__).parents[2] / "data/temperature.txt"
START = ("--start", "2021-04-12T20:20:20Z")
SHORT = ("--set", "window.length_s=0.4")  # four readings


@pytest.fixture
def log(device):
    file = device.folder / "adc.log"
    file.write_bytes(b"2048\n3000\n 0\n4095\n3000\n3000")
    return str(file)


def measurements(told):
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_a_recording_becomes_measurements_and_the_last_closes_as_it_stood(device, log):
    told = device.type("replay", log, *START, "--dry-run", *SHORT)
    assert told.exit_code == 0
    assert told.stdout == (
        '{"time": {"start": "2021-04-12T20:20:20.000Z", "end": "2021-04-12T20:20:20.400Z"},'
        ' "min": -50.0, "max": 50.0, "average": 5.82}\n'  # (0.0122 + 23.2601 - 50 + 50) / 4
        '{"time": {"start": "2021-04-12T20:20:20.400Z", "end": "2021-04-12T20:20:20.600Z"},'
        ' "min": 23.26, "max": 23.26, "average": 23.26}\n'
    )
    assert told.stderr == "6 readings: 2 measurements\n"
    assert not device.spool_path.exists()


def test_a_day_becomes_720_windows(device):
    told = device.type("replay", str(DAY), *START, "--dry-run", "--set", "sensor.period_s=1")
    found = measurements(told)
    assert len(found) == 720
    assert told.stderr == "86400 readings: 720 measurements\n"
    ends, starts = [one["time"]["end"] for one in found], [one["time"]["start"] for one in found]
    assert starts == ["2021-04-12T20:20:20.000Z", *ends[:-1]]
    assert ends[-1] == "2021-04-13T20:20:20.000Z"


def test_what_is_sent_waits_in_the_spool_as_the_dry_run_shows_it(device, log):
    shown = measurements(device.type("replay", log, *START, "--dry-run", *SHORT))
    told = device.type("replay", log, *START, "--send", *SHORT)
    assert told.exit_code == 0
    assert told.stdout == ""
    assert told.stderr == "6 readings: 2 measurements\n1 to 2 wait for the daemon to deliver them\n"
    assert [one.measurement.as_json() for one in device.spool.entries("waiting")] == shown


def test_bad_lines_are_counted_by_kind_and_part_of_no_statistic(device):
    codes = b"3000\n\nx\n9999\n-1\n+5\n3000\n3000\n" + b"\n" * 4 + b"7" * 500 + b"\n 25"
    told = device.type("replay", "-", *START, "--dry-run", *SHORT, stdin=codes)
    assert [(one["average"], one["time"]["start"][20:23]) for one in measurements(told)] == [
        (23.26, "000"),
        (23.26, "400"),
        (-49.39, "200"),  # of the fourth window, 1.2 s after the start; the third has no good reading
    ]
    assert told.stderr == (
        "14 readings, 10 of them bad (5 blank, 3 unreadable, 2 out of range): 3 measurements;"
        " 1 window without a good reading\n"
    )


def test_the_daemon_s_settings_count(device):
    told = device.type(
        *("replay", "-", "--start", "2021-04-12T23:59:59Z", "--dry-run"),
        *("--set", "adc.bits=10", "--set", "adc.max_c=0", "--set", "sensor.period_s=1"),
        *("--set", "window.length_s=2", "--set", "window.align=utc"),
        stdin="1023\n0\n1023\n",
    )
    assert [(one["time"]["end"], one["average"]) for one in measurements(told)] == [
        ("2021-04-13T00:00:00.000Z", 0.0),  # a short one, to the grid of UTC
        ("2021-04-13T00:00:02.000Z", -25.0),
    ]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2021-04-12T20:20:20", "2021-04-12T20:20:20.000Z"),
        ("2021-04-12T22:20:20.123456+02:00", "2021-04-12T20:20:20.123Z"),
        ("2021-04-12", "2021-04-12T00:00:00.000Z"),
        ("20210412T202020Z", "2021-04-12T20:20:20.000Z"),
    ],
)
def test_the_start_may_have_a_zone_and_is_utc_without(device, log, text, start):
    told = device.type("replay", log, "--start", text, "--dry-run")
    assert measurements(told)[0]["time"]["start"] == start


@pytest.mark.parametrize("text", ["yesterday", "", "2021-13-01", "1618258820", "0001-01-01T00:00:00+14:00"])
def test_a_start_that_is_no_time_is_refused(device, log, text):
    told = device.type("replay", log, "--start", text, "--dry-run")
    assert told.exit_code == 2
    assert told.stderr.endswith(
        f"Error: Invalid value for '--start': {text!r} is no time: write one such as 2021-04-12T20:20:20Z\n"
    )


@pytest.mark.parametrize(
    ("options", "wrong"),
    [((), "say what to do with the measurements"), (("--dry-run", "--send"), "not both")],
)
def test_it_is_told_what_to_do_with_the_measurements(device, log, options, wrong):
    told = device.type("replay", log, *START, *options)
    assert told.exit_code == 2
    assert told.stderr.endswith(
        f"Error: {wrong}: --dry-run prints them, --send has the daemon deliver them\n"
    )


@pytest.mark.parametrize("text", ["0001-01-01", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+02:00"])
def test_a_start_that_no_backend_has_to_take_is_refused(device, log, text):
    told = device.type("replay", log, "--start", text, "--send")
    assert told.exit_code == 2
    assert told.stderr.endswith(f"{text!r} is before 1970, which no backend has to take\n")


def test_the_start_must_be_given(device, log):
    told = device.type("replay", log, "--dry-run")
    assert told.exit_code == 2
    assert told.stderr.endswith("Error: Missing option '--start'.\n")


@pytest.mark.parametrize("what", ["--dry-run", "--send"])
def test_what_would_end_in_the_future_is_refused(device, log, what):
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    told = device.type("replay", log, "--start", iso(start), what)
    assert told.exit_code == 1
    assert told.stdout == ""
    end = f"{start:%Y-%m-%d %H:%M:%S}Z"
    assert told.stderr == (f"Error: {log} would end at {end}, in the future: give an earlier --start\n")
    assert not device.spool_path.exists()


def test_a_log_without_one_good_reading_is_refused(device):
    told = device.type("replay", "-", *START, "--send", stdin="x\n\n")
    assert told.exit_code == 1
    assert told.stderr == "Error: the standard input has not one good reading\n"
    assert not device.spool_path.exists()


@pytest.mark.parametrize(("name", "why"), [("none.log", "does not exist"), (".", "is a directory")])
def test_a_log_that_cannot_be_read_is_refused(device, monkeypatch, name, why):
    monkeypatch.chdir(device.folder)
    told = device.type("replay", name, *START, "--dry-run")
    assert told.exit_code == 2
    assert told.stderr.endswith(f"Error: Invalid value for 'FILE': File {name!r} {why}.\n")


def test_a_spool_that_cannot_be_is_named(device, log):
    told = device.type("replay", log, *START, "--send", "--set", f"spool.path={log}/spool.db")
    assert told.exit_code == 1
    assert told.stderr.splitlines()[-1].startswith(f"Error: {log}/spool.db: ")


@pytest.mark.real
def test_a_terminal_sees_how_far_it_is(device):
    command = [sys.executable, "-m", "sampler.cli", "replay", str(DAY), *START, "--send", *device.options]
    with Terminal(command, device.folder) as terminal:
        assert terminal.end() == 0
    assert f"reading {DAY}"[-20:] in terminal.seen
    assert "100%" in terminal.seen
    assert terminal.seen.splitlines()[-1] == "1 to 72 wait for the daemon to deliver them"


@pytest.mark.real
def test_a_pipe_that_comes_in_pieces_is_read_to_its_end(device):
    log = "(printf 20; sleep 0.3; printf '48\\n3000\\n')"
    command = f"{log} | {sys.executable} -m sampler.cli replay - {' '.join(START)} --dry-run"
    with Terminal(["sh", "-c", command], device.folder) as terminal:
        assert terminal.end() == 0
    assert '"min": 0.01, "max": 23.26, "average": 11.64}' in terminal.seen
