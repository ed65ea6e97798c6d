"""`sampler verify` on real spools."""

import json

import apsw

from sampler.device.spool import Range
from tests.device.spools import NOW, fill, window


def test_an_account_that_comes_out(device):
    fill(device.spool, 0, 11)
    device.spool.delivered(range(1, 11), NOW)
    device.spool.set_aside(11, "400 Bad Request", NOW)
    told = device.type("verify")
    assert told.exit_code == 0
    assert told.output == (
        "produced   12\n"
        "delivered  10\n"
        "waiting     1\n"
        "set aside   1\n"
        "dropped     0\n"
        "balanced: the four add up to 12 of 12 produced\n"
    )


def test_what_was_dropped_is_named_with_its_reason(device):
    fill(device.spool, 0, 6)
    device.spool.drop([2, 3, 4], "dropped by the operator")
    device.spool.lose(2, 0, 120_000_000_000, "memory was full while the disk was away")
    told = device.type("verify")
    assert told.exit_code == 0
    assert told.output.splitlines()[5:] == [
        "balanced: the four add up to 9 of 9 produced",
        "dropped 2 to 4 (3): dropped by the operator",
        "dropped 8 to 9 (2): memory was full while the disk was away,"
        " 1970-01-01T00:00:00.000Z to 1970-01-01T00:02:00.000Z",
    ]


def test_windows_without_a_reading_are_named(device):
    fill(device.spool, 0, 0)
    for number in (1, 2):
        empty = window(number, taken=0)
        empty.miss(200, "late")
        for _ in range(1000):
            empty.spoil("failed")
        device.spool.turn(empty, window(number + 1, taken=0))
    told = device.type("verify")
    assert told.output.splitlines()[-1] == (
        "2 windows without a good reading, 2021-04-12 20:22:20 to 20:26:20Z:"
        " 400 missed (400 late), 2000 bad (2000 failed)"
    )


def test_a_measurement_that_has_vanished_is_named_and_the_exit_code_is_1(device):
    fill(device.spool, 0, 4)
    device.spool.close()
    stolen = apsw.Connection(str(device.spool_path))
    stolen.execute("DELETE FROM measurement WHERE sequence IN (2, 3)")
    stolen.close()
    told = device.type("verify")
    assert told.exit_code == 1
    assert told.output.splitlines()[5:] == [
        "NOT balanced: the four make 3 of 5 produced",
        "missing 2 to 3 (2): nobody knows what became of it",
    ]


def test_a_measurement_that_is_accounted_for_twice_is_named_and_the_exit_code_is_1(device):
    fill(device.spool, 0, 2)
    device.spool.close()
    forged = apsw.Connection(str(device.spool_path))
    forged.execute("INSERT INTO ledger VALUES (?, ?, ?, ?, ?)", Range(2, 2, "delivered").values())
    forged.close()
    told = device.type("verify")
    assert told.exit_code == 1
    assert told.output.splitlines()[5:] == [
        "NOT balanced: the four make 4 of 3 produced",
        "doubled 2: accounted for twice",
    ]


def test_the_account_as_json(device):
    fill(device.spool, 0, 3)
    device.spool.delivered([1], NOW)
    device.spool.drop([2], "dropped by the operator")
    empty = window(4, taken=0)
    empty.miss(1200, "late")
    device.spool.turn(empty, window(5, taken=0))
    told = device.type("verify", "--json")
    assert told.exit_code == 0
    assert json.loads(told.output) == {
        "produced": 4,
        "delivered": 1,
        "waiting": 2,
        "held": 0,
        "set_aside": 0,
        "dropped": 1,
        "balanced": True,
        "dropped_ranges": [{"first": 2, "last": 2, "reason": "dropped by the operator"}],
        "missing_ranges": [],
        "doubled_ranges": [],
        "without_reading": [
            {
                "start": "2021-04-12T20:28:20.000Z",
                "end": "2021-04-12T20:30:20.000Z",
                "windows": 1,
                "due": 1200,
                "missed": {"late": 1200},
                "bad": {},
            }
        ],
    }


def test_where_there_is_no_spool_none_is_made(device):
    told = device.type("verify")
    assert told.exit_code == 1
    assert told.output == f"Error: {device.spool_path}: there is no spool; `sampler run` makes one\n"
    assert not list(device.folder.iterdir())
