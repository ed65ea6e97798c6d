"""The backend's unit under a real systemd, in a machine of its own; skipped, with the reason, where none can boot."""

import json
import time
from collections.abc import Callable, Iterator

import pytest

from tests.faults.systemd_machine import CannotBoot, Machine, booted, install, reason_not_to_boot

pytestmark = pytest.mark.real

UNIT = "/opt/source/deploy/sampler-backend.service"
NAME = "sampler-backend"
STATE = "/var/lib/sampler-backend"
URL = "http://127.0.0.1:8080"
ASK = """
import sys, urllib.request
url, *body = sys.argv[1:]
headers = {"Content-Type": "application/json"}
request = urllib.request.Request(url, body[0].encode() if body else None, headers)
print(urllib.request.urlopen(request, timeout=10).read().decode())
"""
READING = '[{"sensor": "kitchen", "timestamp": "2021-11-08T21:38:09+00:00", "value": 2.1}]'


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    if reason := reason_not_to_boot():
        pytest.skip(reason)
    try:
        with booted(tmp_path_factory.mktemp("machine")) as machine:
            install(machine)
            machine.run("cp", UNIT, "/etc/systemd/system/")
            machine.write("/etc/sampler/backend", 'OPTIONS="--port 8080"\n')
            machine.run("systemctl", "daemon-reload")
            machine.run("systemctl", "enable", "--now", NAME, check=False)
            until(lambda: "listening" in machine.journal(NAME), machine)
            yield machine
    except CannotBoot as reason:
        pytest.skip(str(reason))


def until(what: Callable[[], bool], machine: Machine, patience_s: float = 20.0) -> None:
    """Wait for something to become true, and fail with the journal if it does not."""
    deadline = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < deadline, machine.journal(NAME)
        time.sleep(0.05)


def ask(machine: Machine, path: str, *body: str) -> str:
    return machine.run("/opt/sampler/bin/python", "-c", ASK, URL + path, *body)


def count(machine: Machine) -> int:
    return int(json.loads(ask(machine, "/statistics/kitchen"))["count"])


def has_started(machine: Machine, times: int) -> bool:
    return machine.journal(NAME).count("listening on http://127.0.0.1:8080") == times


def test_the_unit_is_without_a_mistake(machine: Machine) -> None:
    assert machine.run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", UNIT) == ""


def test_the_sandbox_is_at_most_1_1_open(machine: Machine) -> None:
    machine.run("systemd-analyze", "security", "--offline=true", "--threshold=11", "--no-pager", UNIT)


def test_what_is_stored_outlives_a_kill_and_it_comes_back_by_itself(machine: Machine) -> None:
    before, starts = count(machine), machine.journal(NAME).count("listening")
    assert json.loads(ask(machine, "/data", READING)) == {"accepted": 1}

    machine.run("systemctl", "kill", "--signal=KILL", NAME)
    until(lambda: has_started(machine, starts + 1), machine)

    assert count(machine) == before + 1
    assert machine.show(NAME, "NRestarts") == "1"


def test_its_state_is_its_own_and_holds_database_and_key(machine: Machine) -> None:
    user, rights = machine.run("stat", "--format=%u %a", f"/var/lib/private/{NAME}").split()

    assert 61184 <= int(user) <= 65519  # the numbers of users that exist while they run
    assert rights == "700"
    for file in ("backend.db", "backend.key"):
        assert machine.run("stat", "--format=%u %a", f"{STATE}/{file}") == f"{user} 600"


def test_logins_and_metrics_work_in_the_sandbox(machine: Machine) -> None:
    registered = ask(
        machine, "/auth/register", '{"username":"a","email":"a@example.com","password":"secret"}'
    )

    assert json.loads(registered)["email"] == "a@example.com"
    assert "sampler_" in ask(machine, "/metrics")


def test_root_backs_it_up_while_it_runs_and_after_its_end_without_spoiling_it(machine: Machine) -> None:
    command = ["/opt/sampler/bin/sampler", "backend", "backup"]
    database = ["--database", f"sqlite:///{STATE}/backend.db"]
    before = count(machine)
    machine.run(*command, "/root/running.db", *database)
    machine.run("systemctl", "stop", NAME)
    machine.run(*command, "/root/stopped.db", *database)

    machine.run("systemctl", "start", NAME)
    until(lambda: machine.show(NAME, "ActiveState") == "active" and is_ready(machine), machine)
    assert count(machine) == before
    assert json.loads(ask(machine, "/data", READING)) == {"accepted": 1}


def is_ready(machine: Machine) -> bool:
    return "Error" not in machine.run("/opt/sampler/bin/python", "-c", ASK, f"{URL}/healthz", check=False)


def test_a_stop_is_clean_and_soon(machine: Machine) -> None:
    began = time.monotonic()
    machine.run("systemctl", "stop", NAME)
    assert time.monotonic() - began < 5.0
    assert machine.show(NAME, "Result") == "success"
    assert machine.show(NAME, "ExecMainStatus") == "0"
