"""Signals, as the daemon takes them."""

import os
import signal
import subprocess
import sys

import pytest

STAYS = """
import signal
from sampler.device.signals import Signals
numbers = {signal.SIGTERM, signal.SIGHUP}
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
signals = Signals(numbers)
print("waiting", flush=True)
print(signals.wait(1.0))
"""


# Each in a process of its own: a thread that some library has left in the tests' process takes no notice of what
# is blocked, and would end it.
TAKES = """
import os, signal
from sampler.device.signals import Signals
numbers = {signal.SIGUSR1, signal.SIGUSR2}
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
signals = Signals(numbers)
os.kill(os.getpid(), signal.SIGUSR1)
assert signals.wait(5) == signal.SIGUSR1
os.kill(os.getpid(), signal.SIGUSR2)
assert signals.wait(5) == signal.SIGUSR2
assert signals.wait(0) is None
"""


def test_signals_come_one_by_one_and_then_none() -> None:
    subprocess.run([sys.executable, "-c", TAKES], check=True)


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
