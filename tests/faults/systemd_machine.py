"""A machine of the test's own: a real systemd, booted in a second over a throw-away overlay of this one."""

import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCE = Path(__file__).parents[2]
TOOLS = ("systemd-nspawn", "systemd-analyze", "nsenter", "unshare", "mount")
BOOT_S = 30.0

# nspawn refuses / itself, so / is bound elsewhere, in a mount namespace that ends with the machine.
# The control group is the machine's to rule: its systemd makes a subgroup for each service.
BOOT = 'for group in $GROUPS_; do echo $$ > "$group/cgroup.procs"; done; mount --bind / "$ROOT"; exec "$@"'


class CannotBoot(Exception):  # noqa: N818 - it says what happens
    """This machine cannot boot another: skip, and say why."""


class Machine:
    """A booted systemd. Everything done to it is gone with it."""

    def __init__(self, leader: int) -> None:
        """`leader` is the process that is number 1 inside."""
        self._leader = leader

    def run(self, *command: str, check: bool = True, stdin: str = "") -> str:
        """Run a command inside as root; give its output, errors included."""
        inside = ("nsenter", "-t", str(self._leader), "-a", "--", *command)
        done = subprocess.run(
            inside,
            check=False,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        assert not check or done.returncode == 0, f"{' '.join(command)}: {done.stdout}"
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        self.run("mkdir", "-p", str(Path(path).parent))
        self.run("tee", path, stdin=text)

    def show(self, unit: str, what: str) -> str:
        """One property of a unit, as `systemctl show` tells it."""
        return self.run("systemctl", "show", "--value", "--property", what, unit)

    def journal(self, unit: str) -> str:
        return self.run("journalctl", "--no-pager", "--output=cat", f"--unit={unit}")


def reason_not_to_boot() -> str:
    """Why no machine can be booted here; empty if one can."""
    if os.geteuid() != 0:
        return "needs root, to boot a systemd of its own"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"needs {', '.join(missing)} (Debian: systemd-container, util-linux)" if missing else ""


@contextmanager
def booted(folder: Path) -> Iterator[Machine]:
    """Boot a machine with no network but its loopback; `folder` is for its console and its mount point."""
    groups = list(control_groups(f"sampler-test-{os.getpid()}"))
    root = folder / "root"
    root.mkdir()
    with (folder / "console").open("wb") as console:
        nspawn = subprocess.Popen(
            ["unshare", "--mount", "sh", "-ec", BOOT, "boot", *nspawn_command(root)],
            env={
                **os.environ,
                "ROOT": str(root),
                "GROUPS_": " ".join(map(str, groups)),
                "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
        )
    try:
        yield wait_until_up(nspawn, folder / "console")
    finally:
        stop(nspawn)
        for group in groups:
            remove(group)


def nspawn_command(root: Path) -> list[str]:
    """What boots: the overlay, with this checkout, its libraries and its Python beside it."""
    return [
        *("systemd-nspawn", "--boot", f"--directory={root}", "--volatile=overlay", "--private-network"),
        *("--register=no", "--keep-unit", "--console=pipe", "--kill-signal=SIGRTMIN+3"),
        *("--capability=all", "--system-call-filter=bpf"),
        *(f"--bind-ro={outside}:{inside}" for outside, inside in SHARED.items()),
        "systemd.unit=basic.target",
    ]


# ProtectHome= hides a Python or a checkout under /root or /home, so they appear under /opt.
PYTHON = Path(sys.base_prefix if sys.base_prefix.startswith("/usr") else "/opt/python")
SHARED = {
    str(SOURCE): "/opt/source",
    sysconfig.get_path("platlib"): "/opt/libraries",
    **({} if str(PYTHON) == sys.base_prefix else {sys.base_prefix: str(PYTHON)}),
}


def install(machine: Machine) -> None:
    """Install as docs/operations.md says, but from the files at hand instead of the network."""
    python = f"python3.{sys.version_info.minor}"
    site = f"/opt/sampler/lib/{python}/site-packages"
    # A Python that is built as a shared library looks for it where it was built: that may be hidden, too.
    machine.write("/etc/ld.so.conf.d/00-python.conf", f"{PYTHON}/lib\n")
    machine.run("ldconfig")
    machine.run(f"{PYTHON}/bin/{python}", "-m", "venv", "--without-pip", "/opt/sampler")
    machine.run(
        *(
            "env",
            "PYTHONPATH=/opt/libraries",
            "/opt/sampler/bin/python",
            "-m",
            "pip",
            "install",
            "--no-index",
        ),
        *("--quiet", "--no-deps", "--no-build-isolation", "--ignore-installed", "/opt/source"),
    )
    machine.write(f"{site}/libraries.pth", "/opt/libraries\n")
    machine.run("cp", "/opt/source/deploy/sampler.service", "/etc/systemd/system/")


def control_groups(name: str) -> Iterator[Path]:
    """Make a control group in each tree that systemd uses: two on a kernel that has both versions."""
    top = Path("/sys/fs/cgroup")
    trees = [tree for tree in (top / "unified", top / "systemd") if tree.is_dir()] or [top]
    for tree in trees:
        (tree / name).mkdir(exist_ok=True)
        yield tree / name


def wait_until_up(nspawn: subprocess.Popen[bytes], console: Path) -> Machine:
    deadline = time.monotonic() + BOOT_S
    while time.monotonic() < deadline and nspawn.poll() is None:
        leader = leader_of(nspawn.pid)
        if leader and is_up(machine := Machine(leader)):
            return machine
        time.sleep(0.05)
    said = console.read_text(errors="replace").strip().splitlines()
    raise CannotBoot(f"systemd does not boot here: {said[-1] if said else 'no word from it'}")


def leader_of(nspawn: int) -> int | None:
    """The machine's process 1: nspawn's child, once that has become systemd."""
    children = Path(f"/proc/{nspawn}/task/{nspawn}/children").read_text().split()
    systemds = [pid for pid in children if Path(f"/proc/{pid}/comm").read_text() == "systemd\n"]
    return int(systemds[0]) if systemds else None


def is_up(machine: Machine) -> bool:
    return machine.run("systemctl", "is-system-running", check=False) in {"running", "degraded"}


def stop(nspawn: subprocess.Popen[bytes]) -> None:
    nspawn.terminate()
    try:
        nspawn.wait(10)
    except subprocess.TimeoutExpired:
        nspawn.kill()
        nspawn.wait()


def remove(group: Path) -> None:
    """Remove a control group and those that the machine's systemd left in it, the deepest first."""
    for folder in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
        folder.rmdir()
    group.rmdir()
