"""`sampler backlog` on real spools.

A window of `tests.device.spools` has half its codes at 2048, which is 0.01 °C, and half at the window's number, n:
min = -50 + 100 n / 4095, average = -50 + 100 (2048 + n) / 2 / 4095.
"""

import csv
import json
import sys

import pytest

from tests.commands.terminal import Terminal
from tests.device.spools import NOW, contents, dropped, fill, window

REFUSED = "400 Bad Request: max: must be at most 50"


def states(device):
    return {number: entry.state for number, entry in contents(device.spool).items()}


def test_the_list_shows_what_waits_and_what_is_set_aside_with_the_backend_s_words(device):
    fill(device.spool, 0, 1)
    lacking = window(2, taken=1100)
    lacking.miss(90, "away")
    lacking.miss(7, "late")
    for _ in range(3):
        lacking.spoil("out_of_range")
    device.spool.turn(lacking, window(3, taken=0))
    device.spool.set_aside(2, REFUSED, NOW)
    told = device.type("backlog", "list")
    assert told.exit_code == 0
    assert told.output.splitlines() == [
        "1  waiting    2021-04-12 20:20:20 to 20:22:20Z  min  -50.00  max    0.01  average  -24.99 °C",
        "2  set aside  2021-04-12 20:22:20 to 20:24:20Z  min  -49.98  max    0.01  average  -24.98 °C",
        f"   refused 2021-04-13 00:00:00Z: {REFUSED}",
        "3  waiting    2021-04-12 20:24:20 to 20:26:20Z  min  -49.95  max    0.01  average  -24.97 °C",
        "   not whole: 97 missed (90 away, 7 late), 3 bad (3 out of range)",
        "2 waiting, 1 set aside",
    ]


def test_the_list_says_what_is_held_back(device):
    held = window(0, clock="unset")
    device.spool.turn(held, window(1, taken=0, clock="unset"), hold=True)
    assert device.type("backlog", "list").output.splitlines()[1:] == [
        "   not whole: clock unset",
        "   held back until the clock is set",
        "1 waiting, 0 set aside",
    ]


def test_an_empty_backlog_says_so(device):
    fill(device.spool, 0, 0)
    device.spool.delivered([1], NOW)
    assert device.type("backlog", "list").output == "the backlog is empty: nothing is waiting or set aside\n"
    assert device.type("backlog", "list", "--json").output == "[]\n"


def test_the_list_as_json_is_one_array(device):
    fill(device.spool, 0, 1)
    device.spool.set_aside(2, REFUSED, NOW)
    listed = json.loads(device.type("backlog", "list", "--json").output)
    spool_id = device.spool.status().spool_id
    assert listed == [
        {
            "sequence": 1,
            "key": f"{spool_id}-1",
            "state": "waiting",
            "time": {"start": "2021-04-12T20:20:20.000Z", "end": "2021-04-12T20:22:20.000Z"},
            "min": -50.0,
            "max": 0.01,
            "average": -24.99,
            "quality": {"due": 1200, "taken": 1200, "missed": {}, "bad": {}, "clock": "set"},
            "reason": "",
            "since": "",
        },
        {
            "sequence": 2,
            "key": f"{spool_id}-2",
            "state": "set_aside",
            "time": {"start": "2021-04-12T20:22:20.000Z", "end": "2021-04-12T20:24:20.000Z"},
            "min": -49.98,
            "max": 0.01,
            "average": -24.98,
            "quality": {"due": 1200, "taken": 1200, "missed": {}, "bad": {}, "clock": "set"},
            "reason": REFUSED,
            "since": "2021-04-13T00:00:00.000Z",
        },
    ]


def test_retry_lets_what_was_set_aside_wait_again(device):
    fill(device.spool, 0, 2)
    for number in (1, 2, 3):
        device.spool.set_aside(number, REFUSED, NOW)
    told = device.type("backlog", "retry", "1", "3")
    assert (told.exit_code, told.output) == (0, "2 wait again\n")
    assert states(device) == {1: "waiting", 2: "set_aside", 3: "waiting"}
    assert device.type("backlog", "retry", "--all").output == "1 wait again\n"
    assert states(device) == {1: "waiting", 2: "waiting", 3: "waiting"}


def test_retry_names_what_is_not_set_aside_and_changes_nothing(device):
    fill(device.spool, 0, 2)
    device.spool.set_aside(1, REFUSED, NOW)
    told = device.type("backlog", "retry", "9", "1", "2")
    assert told.exit_code == 1
    assert told.output == (
        "Error: 2, 9: not set aside, so nothing was changed; `sampler backlog list` shows what is\n"
    )
    assert states(device)[1] == "set_aside"


@pytest.mark.parametrize("which", [[], ["--all", "3"]])
def test_retry_wants_to_know_which(device, which):
    told = device.type("backlog", "retry", *which)
    assert told.exit_code == 2
    assert told.output.endswith("Error: say which: their sequence numbers, or --all\n")


def test_a_sequence_number_is_a_number_from_1(device):
    told = device.type("backlog", "retry", "0")
    assert told.exit_code == 2
    assert told.output.endswith("Error: Invalid value for '[SEQUENCE]...': 0 is not in the range x>=1.\n")


def test_drop_removes_for_good_and_by_name(device):
    fill(device.spool, 0, 3)
    told = device.type("backlog", "drop", "2", "3", "--yes")
    assert (told.exit_code, told.output) == (0, "2 dropped\n")
    assert states(device) == {1: "waiting", 4: "waiting"}
    assert dropped(device.spool) == {2, 3}
    assert "dropped 2 to 3 (2): dropped by the operator\n" in device.type("verify").output


def test_drop_can_take_what_is_set_aside_alone(device):
    fill(device.spool, 0, 3)
    device.spool.set_aside(2, REFUSED, NOW)
    assert device.type("backlog", "drop", "--set-aside", "--yes").output == "1 dropped\n"
    assert states(device) == {1: "waiting", 3: "waiting", 4: "waiting"}


def test_drop_all_takes_more_than_fit_into_one_go(device):
    device.spool.add(window(number, taken=2) for number in range(1001))
    assert device.type("backlog", "drop", "--all", "--yes").output == "1001 dropped\n"
    assert states(device) == {}


def test_drop_names_what_is_not_there_and_drops_nothing(device):
    fill(device.spool, 0, 1)
    told = device.type("backlog", "drop", "1", "7", "--yes")
    assert told.exit_code == 1
    assert told.output == (
        "Error: 7: not in the backlog, so nothing was changed; `sampler backlog list` shows what is\n"
    )
    assert states(device) == {1: "waiting", 2: "waiting"}


@pytest.mark.parametrize("which", [[], ["--all", "3"], ["--all", "--set-aside"]])
def test_drop_wants_to_know_which(device, which):
    told = device.type("backlog", "drop", *which)
    assert told.exit_code == 2
    assert told.output.endswith("Error: say which: their sequence numbers, --set-aside or --all\n")


def test_drop_does_not_drop_where_nobody_can_be_asked(device):
    fill(device.spool, 0, 1)
    told = device.type("backlog", "drop", "--all", stdin="y\n")
    assert told.exit_code == 2
    assert told.output.endswith("Error: Drop 2 measurements for good? There is nobody to ask: add --yes\n")
    assert states(device) == {1: "waiting", 2: "waiting"}


@pytest.mark.real
@pytest.mark.parametrize(
    ("answer", "told", "code", "left"),
    [
        ("y", "1 dropped", 0, {2: "waiting"}),
        ("n", "Error: nothing was dropped", 1, {1: "waiting", 2: "waiting"}),
    ],
)
def test_drop_asks_on_a_terminal(device, answer, told, code, left):
    fill(device.spool, 0, 1)
    command = [sys.executable, "-m", "sampler.cli", "backlog", "drop", "1", *device.options]
    with Terminal(command, device.folder) as terminal:
        terminal.wait_for(r"Drop 1 measurement for good\? \[y/N\]: ")
        terminal.type(f"{answer}\n")
        assert terminal.end() == code
        assert terminal.seen.splitlines()[-1] == told
    assert states(device) == left


def test_export_writes_json_lines(device):
    fill(device.spool, 0, 1)
    file = device.folder / "backlog.jsonl"
    told = device.type("backlog", "export", str(file))
    assert (told.exit_code, told.output) == (0, f"{file} has 2 measurements\n")
    listed = json.loads(device.type("backlog", "list", "--json").output)
    assert [json.loads(line) for line in file.read_text().splitlines()] == listed


def test_export_writes_csv_if_the_file_s_name_says_so(device):
    lacking = window(0, taken=1100)
    lacking.miss(90, "away")
    for _ in range(10):
        lacking.spoil("blank")
    device.spool.turn(lacking, window(1, taken=0))
    device.spool.set_aside(1, 'he said "no",\nand meant it', NOW)
    file = device.folder / "backlog.CSV"
    assert device.type("backlog", "export", str(file)).exit_code == 0
    with file.open(newline="") as lines:
        (found,) = csv.DictReader(lines)
    assert found == {
        "sequence": "1",
        "key": f"{device.spool.status().spool_id}-1",
        "state": "set_aside",
        "start": "2021-04-12T20:20:20.000Z",
        "end": "2021-04-12T20:22:20.000Z",
        "min": "-50.0",
        "max": "0.01",
        "average": "-24.99",
        "due": "1200",
        "taken": "1100",
        "missed": "90",
        "bad": "10",
        "clock": "set",
        "reason": 'he said "no",\nand meant it',
        "since": "2021-04-13T00:00:00.000Z",
    }


def test_export_to_a_dash_is_the_standard_output_in_either_form(device):
    fill(device.spool, 0, 0)
    as_json, as_csv = (device.type("backlog", "export", "-", *form) for form in ((), ("--format", "csv")))
    assert json.loads(as_json.output)["sequence"] == 1
    assert as_csv.output.splitlines()[0] == (
        "sequence,key,state,start,end,min,max,average,due,taken,missed,bad,clock,reason,since"
    )


def test_export_leaves_an_older_file_as_it_is(device):
    fill(device.spool, 0, 0)
    file = device.folder / "backlog.jsonl"
    file.write_text("precious")
    told = device.type("backlog", "export", str(file))
    assert told.exit_code == 2
    assert told.output.endswith(f"Error: Invalid value for FILE: {file} is there already: name another\n")
    assert file.read_text() == "precious"


def test_export_into_a_folder_that_is_not_there(device):
    fill(device.spool, 0, 0)
    told = device.type("backlog", "export", "/nowhere/backlog.csv")
    assert told.exit_code == 2
    assert told.output.endswith(
        "Error: Invalid value for FILE: /nowhere/backlog.csv: No such file or directory\n"
    )


@pytest.mark.parametrize(
    "command",
    [["list"], ["retry", "--all"], ["retry", "1"], ["drop", "--all", "--yes"], ["export", "backlog.csv"]],
)
def test_where_there_is_no_spool_none_is_made(device, command, monkeypatch):
    monkeypatch.chdir(device.folder)
    told = device.type("backlog", *command)
    assert told.exit_code == 1
    assert told.output == f"Error: {device.spool_path}: there is no spool; `sampler run` makes one\n"
    assert not list(device.folder.iterdir())


def test_an_impossible_configuration_is_shown_and_nothing_done(device):
    told = device.type("backlog", "list", "--set", "spool.max_measurements=none")
    assert told.exit_code == 2
    assert told.output == (
        "Error: --set spool.max_measurements=none: not a whole number; give a whole number, such as 262800\n"
    )
