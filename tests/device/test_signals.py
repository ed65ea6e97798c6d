"""Signals, as the daemon takes them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sampler.device.signals import Signals

STAYS = """
import signal
from sampler.device.signals import Signals
numbers = {signal.SIGTERM, signal.SIGHUP}
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
signals = Signals(numbers)
print("waiting", flush=True)
print(signals.wait(1.0))
"""


@pytest.fixture
def blocked() -> Iterator[set[signal.Signals]]:
    """Signals that nobody else in this process takes."""
    numbers = {signal.SIGUSR1, signal.SIGUSR2}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    yield numbers
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_signals_come_one_by_one_and_then_none(blocked: set[signal.Signals]) -> None:
    signals = Signals(blocked)
    os.kill(os.getpid(), signal.SIGUSR1)
    assert signals.wait(5) == signal.SIGUSR1
    os.kill(os.getpid(), signal.SIGUSR2)
    assert signals.wait(5) == signal.SIGUSR2
    assert signals.wait(0) is None


@pytest.mark.real
def test_a_process_that_stood_still_for_longer_than_it_waits_has_got_no_signal() -> None:
    with subprocess.Popen([sys.executable, "-c", STAYS], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1.5)
        process.send_signal(signal.SIGCONT)
        assert process.stdout.read() == "None\n"
