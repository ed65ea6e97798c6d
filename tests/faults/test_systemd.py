"""The unit under a real systemd, in a machine of its own; skipped, with the reason, where none can boot."""

import json
import re
import time
from collections.abc import Callable, Iterator

import pytest

from tests.faults.systemd_machine import CannotBoot, Machine, booted, install, reason_not_to_boot

pytestmark = pytest.mark.real

CONFIG = """
[sensor]
path = "/opt/source/data/temperature.txt"
period_s = 0.01
[window]
length_s = 0.5
journal_s = 0.2
[backend]
url = "http://127.0.0.1:5000"
timeout_s = 2.0
"""
# Seconds where the unit has half a minute; and the sandbox shows, before the daemon starts, what it needs.
IMPATIENT = """
[Service]
WatchdogSec=2s
RestartSec=100ms
LoadCredential=token:/etc/sampler/token
Environment=SAMPLER_BACKEND_TOKEN_FILE=%d/token
ExecStartPre=/usr/bin/cat /proc/sys/kernel/random/boot_id %d/token
ExecStartPre=/usr/bin/ls /sys/bus
"""
# Takes a request and never answers it: what a stop has to wait for at most.
DEAF_BACKEND = """
import socket, time
connection, _ = socket.create_server(("127.0.0.1", 5000)).accept()
print("asked", connection.recv(4), flush=True)
time.sleep(3600)
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    if reason := reason_not_to_boot():
        pytest.skip(reason)
    try:
        with booted(tmp_path_factory.mktemp("machine")) as machine:
            install(machine)
            machine.write("/etc/sampler/sampler.toml", CONFIG)
            machine.write("/etc/sampler/token", "a secret\n")
            machine.run("chmod", "600", "/etc/sampler/token")
            machine.write("/etc/systemd/system/sampler.service.d/impatient.conf", IMPATIENT)
            machine.run("systemctl", "daemon-reload")
            machine.run("systemctl", "enable", "--now", "sampler", check=False)
            assert machine.show("sampler", "ActiveState") == "active", machine.journal("sampler")
            yield machine
    except CannotBoot as reason:
        pytest.skip(str(reason))


@pytest.fixture
def service(machine: Machine) -> Machine:
    machine.run("systemctl", "restart", "sampler")
    return machine


def until(what: Callable[[], bool], patience_s: float = 15.0) -> None:
    """Wait for something to become true, and fail if it does not."""
    deadline = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def sequence(machine: Machine) -> int:
    """How many measurements there were, as `sampler status` tells root."""
    return int(json.loads(machine.run("/opt/sampler/bin/sampler", "status", "--json"))["sequence"])


def is_back(machine: Machine, after_pid: str) -> bool:
    running = machine.show("sampler", "ActiveState") == "active"
    return running and machine.show("sampler", "MainPID") not in {after_pid, "0"}


def test_the_unit_is_without_a_mistake(machine: Machine) -> None:
    unit = "/opt/source/deploy/sampler.service"
    assert machine.run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit) == ""


def test_the_sandbox_is_at_most_1_1_open(machine: Machine) -> None:
    unit = "/opt/source/deploy/sampler.service"
    machine.run("systemd-analyze", "security", "--offline=true", "--threshold=11", "--no-pager", unit)


def test_it_is_active_once_it_has_said_so_and_its_status_can_be_read(service: Machine) -> None:
    assert service.show("sampler", "Type") == "notify"
    assert service.show("sampler", "ActiveState") == "active"
    until(lambda: "°C" in service.show("sampler", "StatusText"))


def test_its_sandbox_shows_the_boot_id_sysfs_and_the_token(service: Machine) -> None:
    journal = service.journal("sampler")
    assert re.search(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", journal, re.MULTILINE)
    assert "a secret" in journal
    assert "platform" in journal


def test_its_state_is_its_own_and_stays_from_run_to_run(service: Machine) -> None:
    until(lambda: sequence(service) > 0)
    before = sequence(service)
    service.run("systemctl", "restart", "sampler")
    assert sequence(service) >= before
    user, rights = service.run("stat", "--format=%u %a", "/var/lib/private/sampler").split()
    assert 61184 <= int(user) <= 65519  # the numbers of users that exist while they run
    assert rights == "700"
    assert service.run("stat", "--format=%u %a", "/var/lib/sampler/spool.db") == f"{user} 600"


def test_root_may_look_at_the_state_while_it_is_stopped_without_spoiling_it(service: Machine) -> None:
    until(lambda: sequence(service) > 0)
    service.run("systemctl", "stop", "sampler")
    before = sequence(service)
    service.run("systemctl", "start", "sampler")
    until(lambda: sequence(service) > before)


def test_a_killed_daemon_comes_back_and_goes_on_with_its_sequence(service: Machine) -> None:
    until(lambda: sequence(service) > 0)
    before, pid = sequence(service), service.show("sampler", "MainPID")
    service.run("systemctl", "kill", "--signal=KILL", "sampler")
    until(lambda: is_back(service, pid))
    until(lambda: sequence(service) > before)


def test_a_daemon_that_stops_sampling_is_killed_by_the_watchdog_and_comes_back(service: Machine) -> None:
    pid = service.show("sampler", "MainPID")
    service.run("systemctl", "kill", "--signal=STOP", "sampler")
    until(lambda: is_back(service, pid))
    journal = service.journal("sampler")
    assert "Watchdog timeout (limit 2s)!" in journal
    assert "Fatal Python error: Aborted" in journal  # and, below it, where each thread stood


def test_a_daemon_that_samples_is_left_alone_by_the_watchdog(service: Machine) -> None:
    pid = service.show("sampler", "MainPID")
    before = sequence(service)
    until(lambda: sequence(service) > before + 8)  # 4 s of windows: twice the watchdog's patience
    assert service.show("sampler", "MainPID") == pid


def test_a_stop_is_clean_and_waits_for_one_request_at_most(service: Machine) -> None:
    service.run("systemd-run", "--unit=deaf", "/opt/sampler/bin/python", "-c", DEAF_BACKEND)
    until(lambda: "asked" in service.journal("deaf"))
    began = time.monotonic()
    service.run("systemctl", "stop", "sampler")
    took = time.monotonic() - began
    service.run("systemctl", "stop", "deaf")
    assert took < 1.0 + 2.0 + 0.5  # 1 s, backend.timeout_s, and systemd's own part
    assert service.show("sampler", "Result") == "success"
    assert service.show("sampler", "ExecMainStatus") == "0"


def test_a_reload_tells_what_changed_and_stops_nothing(service: Machine) -> None:
    pid = service.show("sampler", "MainPID")
    service.write("/etc/sampler/sampler.toml", CONFIG + "[retry]\nattempts = 2\n")
    service.run("systemctl", "reload", "sampler")
    until(lambda: "retry.attempts" in service.journal("sampler"))
    assert service.show("sampler", "MainPID") == pid
    service.write("/etc/sampler/sampler.toml", CONFIG)
