import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sampler.device.notify import Notifier


class Supervisor:
    """A real socket, as systemd holds it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address.replace("@", "\0", 1))
        self.socket.setblocking(False)

    def environ(self, **more: str) -> dict[str, str]:
        return {"NOTIFY_SOCKET": self.address, **more}

    def heard(self) -> list[str]:
        heard = []
        while True:
            try:
                heard.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return heard


@pytest.fixture(params=["path", "abstract"])
def supervisor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Supervisor]:
    abstract = request.param == "abstract"
    supervisor = Supervisor(f"@sampler-test-{os.getpid()}" if abstract else str(tmp_path / "notify"))
    yield supervisor
    supervisor.socket.close()


def test_the_supervisor_hears_of_each_step_of_a_life(supervisor: Supervisor) -> None:
    notifier = Notifier.from_environ(supervisor.environ())
    notifier.ready()
    notifier.status("23.26 °C, 3 waiting")
    notifier.stopping()
    assert supervisor.heard() == ["READY=1", "STATUS=23.26 °C, 3 waiting", "STOPPING=1"]


def test_a_status_of_two_lines_cannot_smuggle_in_another_notification(supervisor: Supervisor) -> None:
    Notifier.from_environ(supervisor.environ()).status("the server said:\nREADY=1")
    assert supervisor.heard() == ["STATUS=the server said: READY=1"]


def test_a_file_name_that_is_no_text_is_still_shown(supervisor: Supervisor) -> None:
    Notifier.from_environ(supervisor.environ()).status("reading /adc/\udcff")
    assert supervisor.heard() == ["STATUS=reading /adc/?"]


def test_a_reload_says_when_it_began(supervisor: Supervisor) -> None:
    before = time.monotonic_ns() // 1000
    Notifier.from_environ(supervisor.environ()).reloading()
    [heard] = supervisor.heard()
    said, _, at = heard.partition("\nMONOTONIC_USEC=")
    assert said == "RELOADING=1"
    assert before <= int(at) <= time.monotonic_ns() // 1000


def test_the_watchdog_is_fed_four_times_in_its_patience(supervisor: Supervisor) -> None:
    notifier = Notifier.from_environ(
        supervisor.environ(WATCHDOG_USEC="20000000", WATCHDOG_PID=str(os.getpid()))
    )
    for tenth in range(200):  # 20 s of ticks: fed at 0, 5, 10 and 15 s
        notifier.alive(1000 + tenth / 10)
    assert supervisor.heard() == ["WATCHDOG=1"] * 4


@pytest.mark.parametrize(
    "watchdog", [{}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}]
)
def test_no_watchdog_or_another_s_is_not_fed(supervisor: Supervisor, watchdog: dict[str, str]) -> None:
    Notifier.from_environ(supervisor.environ(**watchdog)).alive(1000.0)
    assert supervisor.heard() == []


def test_without_a_supervisor_nothing_is_said() -> None:
    notifier = Notifier.from_environ({"WATCHDOG_USEC": "1000"})
    notifier.ready()
    notifier.alive(1000.0)


@pytest.mark.parametrize("address", ["/nowhere/at/all", "@nobody-listens", "/" + "x" * 200, "nul\0inside"])
def test_a_supervisor_that_is_gone_harms_nobody(address: str) -> None:
    Notifier(address).ready()


def test_a_supervisor_that_does_not_listen_is_not_waited_for(supervisor: Supervisor) -> None:
    notifier = Notifier.from_environ(supervisor.environ())
    began = time.monotonic()
    for _ in range(1000):  # far more than a socket's queue holds
        notifier.status("still here")
    assert time.monotonic() - began < 5
