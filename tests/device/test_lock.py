"""One daemon for each spool."""

import os
import subprocess
import sys

import pytest

from sampler.device.lock import SpoolLock, SpoolLocked, running_pid

HOLD = """
import sys, pathlib
from sampler.device.lock import SpoolLock
SpoolLock(pathlib.Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that holds the lock of tmp_path/spool.db."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path / "spool.db"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_daemon_is_told_the_pid_of_the_first(tmp_path, other):
    with pytest.raises(SpoolLocked) as refusal:
        SpoolLock(tmp_path / "spool.db").acquire()
    assert str(refusal.value) == (
        f"another sampler, pid {other.pid}, is using {tmp_path}/spool.db; "
        "stop it, or set spool.path to another file"
    )


def test_a_killed_daemon_leaves_no_lock(tmp_path, other):
    other.kill()
    other.wait()
    assert running_pid(tmp_path / "spool.db") is None
    with SpoolLock(tmp_path / "spool.db"):
        assert running_pid(tmp_path / "spool.db") == os.getpid()


def test_whoever_asks_who_runs_disturbs_nobody(tmp_path, other):
    assert [running_pid(tmp_path / "spool.db") for _ in range(3)] == [other.pid] * 3


def test_nobody_runs_where_nobody_ever_ran(tmp_path):
    assert running_pid(tmp_path / "spool.db") is None
    assert not list(tmp_path.iterdir())


def test_a_released_lock_is_free(tmp_path):
    for _ in range(2):
        with SpoolLock(tmp_path / "missing" / "spool.db"):
            pass


def test_where_no_lock_file_can_be_made_it_carries_on_without(tmp_path):
    (tmp_path / "file").touch()
    with SpoolLock(tmp_path / "file" / "spool.db"):
        pass
