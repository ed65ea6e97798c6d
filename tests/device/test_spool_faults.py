"""Disks that are full, read-only or failing, processes that are killed, and what a commit costs."""

import fcntl
import os
import re
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

import apsw
import pytest

from sampler.device.spool import Spool, SpoolMisplaced, SpoolUnavailable
from tests.device.spools import contents, dropped, fill, window

ROOT = os.geteuid() == 0
STRACE = shutil.which("strace")


@pytest.fixture
def mount(tmp_path):
    """A disk of its own, of 3 MiB."""
    if not ROOT:
        pytest.skip("needs root, to mount a small disk")
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"may not mount: {made.stderr.decode()}")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill_disk(place: Path) -> Path:
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return ballast
    raise AssertionError("the disk is never full")


def test_a_full_disk_takes_nothing_and_loses_nothing(mount):
    spool = Spool(mount / "spool.db", 1_000)
    fill(spool, 0, 9)
    ballast = fill_disk(mount)
    with pytest.raises(SpoolUnavailable, match=r"disk/spool.db: .*full") as refusal:
        fill(spool, 10, 500)
    assert not isinstance(refusal.value, SpoolMisplaced)
    number = Spool.view(mount / "spool.db").status().sequence
    with pytest.raises(SpoolUnavailable):
        spool.turn(window(number), window(number + 1, taken=0))
    ballast.unlink()
    kept = spool.turn(window(number), window(number + 1, taken=0))
    assert kept.sequence == number + 1
    assert spool.verify().balanced
    assert spool.verify().waiting == number + 1
    spool.close()


def test_a_read_only_disk_is_waited_for(mount):
    spool = Spool(mount / "spool.db", 1_000)
    fill(spool, 0, 2)
    spool.close()
    subprocess.run(["mount", "-o", "remount,ro", mount], check=True)
    with pytest.raises(SpoolUnavailable, match=r"\(the disk is read-only\)") as refusal:
        spool.turn(window(3), window(4, taken=0))
    assert not isinstance(refusal.value, SpoolMisplaced)
    subprocess.run(["mount", "-o", "remount,rw", mount], check=True)
    assert spool.turn(window(3), window(4, taken=0)).sequence == 4
    spool.close()


def test_a_view_works_on_a_read_only_disk(mount):
    spool = Spool(mount / "spool.db", 1_000)
    fill(spool, 0, 2)
    spool.close()
    subprocess.run(["mount", "-o", "remount,ro", mount], check=True)
    assert Spool.view(mount / "spool.db").status().waiting == 3


def test_a_disk_too_full_to_heal_leaves_the_damaged_file_for_later(mount):
    path = mount / "spool.db"
    spool = Spool(path, 1_000)
    fill(spool, 0, 120)
    spool.close()
    damaged = path.read_bytes()[:-4096] + bytes(4096)
    path.write_bytes(damaged)
    ballast = fill_disk(mount)
    with pytest.raises(SpoolUnavailable, match=r"full|No space"):
        spool.check()
    assert path.read_bytes() == damaged
    ballast.unlink()
    spool.check()
    assert spool.verify().balanced
    assert spool.verify().produced == 121
    spool.close()


def test_a_file_that_another_process_holds_for_too_long_is_asked_again(tmp_path, monkeypatch):
    monkeypatch.setattr("sampler.device.spool.disk.BUSY_MS", 50)
    spool = Spool(tmp_path / "spool.db", 1_000)
    fill(spool, 0, 2)
    other = apsw.Connection(str(tmp_path / "spool.db"))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(SpoolUnavailable, match=r"spool.db: database is locked"):
        spool.turn(window(3), window(4, taken=0))
    other.close()
    assert spool.turn(window(3), window(4, taken=0)).sequence == 4
    spool.close()


ROOM = Path(__file__).parents[2]
PROLOGUE = """
import os, sys, pathlib
from tests.device.spools import *
spool = Spool(pathlib.Path(sys.argv[1]), 100_000)
"""


def python(script: str, *arguments: object) -> list[str]:
    """The command that does this to the spool which its first argument names."""
    return [sys.executable, "-c", PROLOGUE + script, *map(str, arguments)]


def run(script: str, *arguments: object, strace: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    prefix = ["strace", "-f", *strace] if strace else []
    command = [*prefix, *python(script, *arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOM)


needs_strace = pytest.mark.skipif(not STRACE, reason="needs strace")

JOURNALS = """
fill(spool, 0, 0)
os.write(2, b"from here")
for taken in range(600):
    spool.journal(window(1, taken=taken))
os.write(2, b"to here")
"""


@pytest.mark.real
@needs_strace
def test_a_journal_costs_one_sync_and_a_checkpoint_two_more(tmp_path):
    calls = tmp_path / "calls"
    run(JOURNALS, tmp_path / "spool.db", strace=("-o", str(calls), "-e", "trace=fsync,fdatasync,write"))
    lines = calls.read_text()
    between = lines[lines.index("from here") : lines.index("to here")]
    syncs = len(re.findall(r"f(?:data)?sync\(", between))
    # 600 commits of a page each: the log of 250 pages is moved to the file twice or three times, at two syncs.
    assert 600 <= syncs <= 606


INJECTED = {
    "fdatasync": (10, 12, 14),
    "fsync": (2, 3, 4),
    "pwrite64": (120, 121, 127, 150),
    "pread64": (5, 6, 9),
}
"""Which of these calls fails, counted from the start of the process: all come after the first windows."""
FAIL_ONCE = """
fill(spool, 0, 4)
for number in range(5, 12):
    for attempt in range(3):
        try:
            spool.turn(window(number), window(number + 1, taken=0))
            break
        except Exception as error:
            print(type(error).__name__, error)
account = spool.verify()
print(account.produced, account.waiting, account.balanced)
spool.close()
"""


@pytest.mark.real
@needs_strace
@pytest.mark.parametrize("call", ["fdatasync", "fsync", "pwrite64", "pread64"])
@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
def test_a_call_that_fails_at_any_time_neither_loses_nor_doubles_a_measurement(tmp_path, call, error):
    if (call, error) == ("pread64", "ENOSPC"):
        pytest.skip("reading needs no space")
    for when in INJECTED[call]:
        path = tmp_path / f"{when}" / "spool.db"
        inject = f"inject={call}:error={error}:when={when}"
        done = run(
            FAIL_ONCE, path, strace=("-o", "/dev/null", "-P", str(path), "-P", f"{path}-wal", "-e", inject)
        )
        assert done.stdout.splitlines()[-1:] == ["12 12 True"], (when, done)


LOOK = """
from datetime import timedelta
from itertools import count
from sampler.volume import Volume

class Later(Volume):
    minutes = count()

    def now(self):
        return NOW + timedelta(minutes=next(self.minutes))

spool = Spool(pathlib.Path(sys.argv[1]), 100_000, Later())
for attempt in range(4):
    try:
        account, resumption = spool.verify(), spool.resume()
        print(resumption.spool_id, account.produced, account.balanced, account.waiting + account.dropped)
        break
    except Exception as error:
        print(error)
"""
"""Asks four times, a minute apart as the disk has it: longer than anything is waited for."""


@pytest.mark.real
@needs_strace
@pytest.mark.parametrize("when", ["3", "6", "11", "6..7", "9+7", "9+2", "12..40"])
def test_reads_that_fail_now_here_and_now_there_cost_nothing(tmp_path, when):
    path = tmp_path / "spool.db"
    spool = Spool(path, 1_000)
    fill(spool, 0, 199)
    before = spool.resume()
    spool.close()
    run(
        LOOK, path, strace=("-o", "/dev/null", "-P", str(path), "-e", f"inject=pread64:error=EIO:when={when}")
    )
    account = spool.verify()
    assert account.balanced
    assert (account.produced, account.waiting) == (200, 200)
    assert spool.resume() == before
    assert not list(tmp_path.glob("*.damaged-*"))
    spool.close()


@pytest.mark.real
@needs_strace
@pytest.mark.parametrize(("when", "waiting"), [("40", {30}), ("12+40", {30}), ("1+", {0, 29, 30})])
def test_a_log_that_cannot_be_read_costs_no_more_than_what_is_in_it(tmp_path, when, waiting):
    path = tmp_path / "spool.db"
    run("fill(spool, 0, 28)\nspool.close()\nfill(spool, 29, 29)\nos.kill(os.getpid(), 9)", path)
    log = path.with_name("spool.db-wal")
    inject = f"inject=pread64,read:error=EIO:when={when}"
    done = run(LOOK, path, strace=("-o", "/dev/null", "-P", str(log), "-e", inject))
    spool = Spool(path, 1_000)
    account = spool.verify()
    assert account.balanced
    assert account.waiting in waiting, done
    spool.close()


@pytest.mark.real
@needs_strace
@pytest.mark.parametrize("when", ["1+", "3+", "5+", "8+"])
def test_a_disk_that_cannot_be_read_at_all_is_no_reason_to_begin_anew(tmp_path, when):
    path = tmp_path / "spool.db"
    spool = Spool(path, 1_000)
    fill(spool, 0, 59)
    before = spool.resume()
    spool.close()
    done = run(
        LOOK, path, strace=("-o", "/dev/null", "-P", str(path), "-e", f"inject=pread64:error=EIO:when={when}")
    )
    assert len(done.stdout.splitlines()) == 4, done
    assert spool.resume() == before
    assert spool.verify().waiting == 60
    spool.close()


WRITE = """
number = int(sys.argv[2])
while True:
    spool.turn(window(number, taken=10), window(number + 1, taken=0))
    print(number, flush=True)
    if number % 7 == 0:
        spool.delivered([kept.sequence for kept in spool.newest_waiting(3)], NOW)
    number += 1
"""


@pytest.mark.real
def test_a_process_that_is_killed_at_any_moment_has_kept_what_it_said_it_kept(tmp_path):
    path, number = tmp_path / "spool.db", 0
    identities = set()
    for delay in (0.02, 0.05, 0.11, 0.03, 0.2, 0.07):
        writer = subprocess.Popen(python(WRITE, path, number), stdout=subprocess.PIPE, text=True, cwd=ROOM)
        assert writer.stdout is not None
        said = writer.stdout.readline()
        time.sleep(delay)  # where in its work it is killed is chance, and should be
        writer.kill()
        said = ([said, *writer.communicate()[0].splitlines()])[-1]
        spool = Spool(path, 100_000)
        account, resumption = spool.verify(), spool.resume()
        assert account.balanced
        assert account.dropped == 0
        assert resumption.sequence >= int(said) + 1
        assert resumption.window == window(resumption.sequence, taken=0)
        identities.add(resumption.spool_id)
        number = resumption.sequence
        spool.close()
    # Between header and page of a commit's last frame lies an instant in which a kill looks like rot: docs/adr/0002.
    assert len(identities) <= 2


SHUTDOWN, NOLOGFLUSH = 0x8004587D, 2
"""The request that ends an ext4 or XFS mount as a power cut would (include/uapi/linux/fs.h, EXT4_IOC_SHUTDOWN)."""


@pytest.fixture(params=["mkfs.ext4 -q", "mkfs.xfs -q -f"])
def power(request, tmp_path):
    """A disk of its own, and what cuts its power and gives it back."""
    maker = request.param.split()
    if not ROOT or not shutil.which(maker[0]):
        pytest.skip(f"needs root and {maker[0]}, to cut a disk's power")
    image, place = tmp_path / "image", tmp_path / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(320 << 20)
    subprocess.run([*maker, image], check=True)
    mount = ["mount", "-o", "loop", image, place]
    if subprocess.run(mount, check=False).returncode:
        pytest.skip("may not mount")

    def cut() -> None:
        descriptor = os.open(place, os.O_RDONLY)
        fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("I", NOLOGFLUSH))
        os.close(descriptor)
        subprocess.run(["umount", place], check=True)
        subprocess.run(mount, check=True)

    yield place, cut
    subprocess.run(["umount", "-l", place], check=True)


@pytest.mark.real
def test_a_power_cut_takes_nothing_that_was_kept(power):
    place, cut = power
    path = place / "state" / "spool.db"
    sequence = 0
    for round_ in range(3):
        spool = Spool(path, 1_000)
        fill(spool, sequence, sequence + 19)
        sequence += 20
        spool.journal(window(sequence, taken=300 + round_))
        spool._disk._abandon()  # what a cut leaves: nothing was closed, no log taken in
        cut()
        spool = Spool(path, 1_000)
        assert spool.verify().balanced
        assert spool.resume().sequence == sequence
        assert spool.resume().window == window(sequence, taken=300 + round_)
        assert not list(path.parent.glob("*damaged*"))
        spool.close()


@pytest.mark.real
def test_a_power_cut_right_after_healing_takes_nothing(power):
    place, cut = power
    path = place / "spool.db"
    spool = Spool(path, 1_000)
    fill(spool, 0, 99)
    spool.close()
    path.write_bytes(path.read_bytes()[:-4096] + bytes(4096))
    spool.check()
    healed = spool.resume(), spool.verify()
    spool._disk._abandon()
    cut()
    assert (spool.resume(), spool.verify()) == healed
    spool.close()


COMMAND = """
for turn in range(40):
    spool.retry()
    spool.drop([turn * 3 + 1], "by hand")
"""


@pytest.mark.real
def test_a_command_beside_the_daemon_disturbs_neither_its_order_nor_its_account(tmp_path):
    path = tmp_path / "spool.db"
    spool = Spool(path, 1_000)
    fill(spool, 0, 29)
    command = subprocess.Popen(python(COMMAND, path), cwd=ROOM)
    for number in range(30, 200):
        assert spool.turn(window(number), window(number + 1, taken=0)).sequence == number + 1
    assert command.wait() == 0
    account = spool.verify()
    assert account.balanced
    assert account.produced == 200
    assert dropped(spool) >= {1, 4, 7, 10}
    assert not dropped(spool) & set(contents(spool))
    spool.close()


VIEW = """
print(Spool.view(pathlib.Path(sys.argv[1])).status().waiting)
"""


@pytest.mark.real
@pytest.mark.skipif(not ROOT, reason="needs root, to be two users")
def test_what_root_looks_at_stays_the_daemon_s(tmp_path):
    state = Path(tmp_path) / "state"
    state.mkdir()
    path = state / "spool.db"
    run("fill(spool, 0, 4)\nos.kill(os.getpid(), 9)", path)
    for file in [state, *state.iterdir()]:
        os.chown(file, 4711, 4711)
    for remove in ("spool.db-none", "spool.db-shm"):
        (state / remove).unlink(missing_ok=True)
        assert run(VIEW, path).stdout == "5\n"
        assert {file.stat().st_uid for file in state.iterdir()} == {4711}


HANG = """
import threading, time
from sampler.device.spool.wreck import Wreck
from sampler.raw import Raw
from sampler.volume import REAL

path, how, ticks, over = pathlib.Path(sys.argv[1]), sys.argv[2], [], threading.Event()

def tick():
    while not over.wait(0.01):
        ticks.append(1)

ticking = threading.Thread(target=tick)
ticking.start()
started = time.monotonic()
if how == "opening":
    Spool(path, 1_000).check()
elif how == "reading":
    with Wreck(path, REAL, ()) as wreck:
        assert list(wreck.read("measurement", "sequence"))
else:
    with Raw(path.with_name("spool.db-wal"), writable=True) as raw:
        raw.write(raw.read(10_000, 0), 0)
        raw.sync()
took = time.monotonic() - started
over.set()
ticking.join()
print(len(ticks), int(took * 100))
"""
"""Says how often another thread has had its turn meanwhile, and how often it should have had it."""


@pytest.mark.real
@needs_strace
@pytest.mark.parametrize("how", ["opening", "reading", "writing"])
def test_a_disk_that_hangs_holds_no_other_thread(tmp_path, how):
    path = tmp_path / "spool.db"
    spool = Spool(path, 1_000)
    fill(spool, 0, 6)  # left open: its log stays
    inject = "inject=pread64,pwrite64,fsync,fdatasync:delay_enter=50000"
    done = run(
        HANG, path, how, strace=("-o", "/dev/null", "-P", str(path), "-P", f"{path}-wal", "-e", inject)
    )
    spool.close()
    ticks, due = map(int, done.stdout.split())
    assert due > 10
    assert ticks > due * 0.7
