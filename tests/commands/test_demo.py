"""`sampler demo` as a process, 300 times as fast as life: a window each 0.4 s."""

import os
import re
import signal
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.commands.terminal import Terminal, screen_line
from tests.commands.waiting import wait_until

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
DEMO = [sys.executable, "-m", "sampler.cli", "demo", "--speed", "300"]
LISTENS = r"the backend listens on http://127\.0\.0\.1:(\d+) and fails (\d+)% of all requests\n"
FIGURES = r"\(-?\d+\.\d+ to -?\d+\.\d+, average -?\d+\.\d+ °C\)"
PRODUCED = r"produced (\d+) = (\d+) delivered \+ (\d+) waiting \+ 0 set aside \+ 0 dropped\n"
UNSURE = r"(?:, of which \d+ wait for an answer still)?"
STORED = rf"the backend stored (\d+) measurements?, each once{UNSURE}: the two agree\n"


def has_ended(port: int) -> bool:
    """Whether nobody listens any more."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) != 0


def test_a_pipe_shows_measurements_arriving_through_failures_and_the_account_of_them(tmp_path):
    command = [*DEMO, "--port", "0", "--windows", "6", "--keep", "kept"]
    told = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    listens = re.match(LISTENS, told.stdout)
    assert listens[2] == "40"
    assert has_ended(int(listens[1]))
    assert re.search(rf"Z measurement \d+ {FIGURES}: 500 Internal Server Error; kept\n", told.stdout)
    assert re.search(rf"Z measurement \d+ {FIGURES}: delivered\n", told.stdout)
    produced, delivered, waiting = map(int, re.search(PRODUCED, told.stdout).groups())
    stored = int(re.search(STORED, told.stdout)[1])
    assert 6 <= delivered <= stored <= produced == delivered + waiting
    assert told.stdout.endswith("\nkept has spool.db, backend.db and output.txt\n")
    assert len((tmp_path / "kept/output.txt").read_text().splitlines()) == stored

    # The same folder once more: the sequence goes on where it was.
    command[-3:-2] = [str(produced + 1)]
    again = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=tmp_path).stdout
    assert int(re.search(PRODUCED, again)[1]) >= produced + 1
    assert re.search(STORED, again)


def test_a_terminal_shows_temperature_window_backlog_and_last_delivery_until_ctrl_c(tmp_path):
    with Terminal([*DEMO, "--fail-rate", "0"], tmp_path) as terminal:
        line = terminal.wait_for(
            r"-?\d+\.\d\d °C · window \d+ of 1200 · \d+ delivered, \d+ waiting · last: delivered \d+"
        )
        assert len(line[0]) < 80
        terminal.type("\x03")
        assert terminal.end() == 0
        port = int(re.search(LISTENS, terminal.seen)[1])
    assert has_ended(port)
    account = screen_line(terminal.seen)
    assert re.match(PRODUCED, account)
    assert re.search(STORED, account)
    assert account.endswith("\n--keep DIR would have kept the files\n")


def test_a_reader_who_leaves_ends_it(tmp_path):
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    demo = subprocess.Popen(
        [*DEMO, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ
    )
    port = int(re.match(LISTENS, demo.stdout.readline())[1])
    demo.stdout.close()
    assert demo.wait(20) == 1
    assert demo.stderr.read() == ""
    demo.stderr.close()
    assert has_ended(port)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_both_with_the_account(number):
    with subprocess.Popen([*DEMO, "--port", "0"], stdout=subprocess.PIPE, text=True) as demo:
        port = int(re.match(LISTENS, demo.stdout.readline())[1])
        while "sampling" not in demo.stdout.readline():
            pass
        demo.send_signal(number)
        rest = demo.stdout.read()
    assert demo.returncode == 0
    assert re.search(PRODUCED + STORED, rest)
    assert has_ended(port)


def test_no_backend_is_left_behind_by_a_demo_that_is_killed(tmp_path):
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([*DEMO, "--port", "0"], stdout=subprocess.PIPE, text=True, env=environ) as demo:
        port = int(re.match(LISTENS, demo.stdout.readline())[1])
        assert not has_ended(port)
        demo.kill()
    wait_until(lambda: has_ended(port))


def test_a_port_that_is_taken_is_replaced_by_a_free_one_and_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [*DEMO, "--port", str(port), "--windows", "1"]
        lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    assert lines[0] == f"port {port} is taken, so this one takes another"
    assert int(re.match(LISTENS, lines[1] + "\n")[1]) != port


def test_without_the_backend_s_libraries_it_says_what_to_install(tmp_path):
    (tmp_path / "litestar.py").write_text("raise ModuleNotFoundError('no', name='litestar')")
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    told = subprocess.run(DEMO, check=False, capture_output=True, text=True, env=environ)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == "Error: litestar is missing: pip install '.[backend]' in sampler's folder\n"


def test_a_folder_that_cannot_be_made_is_named():
    told = subprocess.run([*DEMO, "--keep", "/dev/null/x"], check=False, capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (1, "Error: /dev/null/x: Not a directory\n")


def test_a_folder_that_may_not_be_written_is_named():
    told = subprocess.run([*DEMO, "--keep", "/proc"], check=False, capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (1, "Error: /proc/backend.log: No such file or directory\n")


def test_two_demos_cannot_have_the_same_folder(tmp_path):
    command = [*DEMO, "--port", "0", "--keep", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        while "sampling" not in first.stdout.readline():
            pass
        second = subprocess.run(command, check=False, capture_output=True, text=True)
        first.terminate()
        first.stdout.read()
    assert second.returncode == 1
    assert re.search(
        rf"Error: another sampler, pid {first.pid}, is using {tmp_path}/spool\.db", second.stderr
    )
    assert first.returncode == 0


@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        (["--speed", "0"], "'--speed': 0.0 is not in the range 1.0<=x<=1000.0."),
        (["--speed", "nan"], "'--speed': nan is not in the range 1.0<=x<=1000.0."),
        (["--fail-rate", "2"], "'--fail-rate': 2.0 is not in the range 0.0<=x<=1.0."),
        (["--port", "x"], "'--port': 'x' is not a valid integer range."),
        (["--windows", "0"], "'--windows': 0 is not in the range x>=1."),
        (["--keep", __file__], f"'--keep': Directory {__file__!r} is a file."),
    ],
)
def test_an_impossible_option_is_refused(option, wrong):
    told = subprocess.run([*DEMO, *option], check=False, capture_output=True, text=True)
    assert told.returncode == 2
    assert told.stderr.endswith(f"\nError: Invalid value for {wrong}\n")


def test_an_installed_package_brings_its_recording_along(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, check=True, capture_output=True, cwd=ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "installed")
    environ = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    command = [*DEMO, "--port", "0", "--windows", "1"]
    told = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=environ, cwd=tmp_path
    ).stdout
    assert f"from {tmp_path}/installed/sampler/data/temperature.txt;" in told
