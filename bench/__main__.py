"""What a device pays for the daemon, beside a loop in C and a bare one in Python: CPU, memory, lateness, start."""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bench.contestants import REPOSITORY
from bench.report import Result, machine, table, verdicts
from bench.scenes import drain, side_by_side
from bench.start import start_s

T = TypeVar("T")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="within a minute: one short round of each")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to this file, too")
    options = parser.parse_args()
    result = measure(quick=options.quick)
    print(f"{table(result)}\n\n{verdicts(result)}")
    if options.json:
        options.json.write_text(json.dumps(result.as_json(), indent=1, ensure_ascii=False) + "\n")


def measure(*, quick: bool) -> Result:
    """Measure everything, scene by scene, within a minute or within four."""
    rounds, seconds, waiting, hours = (1, 12.0, 2_000, 2.4) if quick else (3, 25.0, 10_000, 24.0)
    before = machine()
    starts = [_in_folder(start_s) for _ in _told("start to first reading", 3 * rounds)]
    idle = [_in_folder(lambda folder: side_by_side(folder, seconds)) for _ in _told("side by side", rounds)]
    drains = [_in_folder(lambda folder: drain(folder, waiting)) for _ in _told("a backlog drains", rounds)]
    (memory,) = (_memory(hours) for _ in _told(f"{hours:g} simulated hours", 1))
    return Result([before, machine()], starts, idle, drains, memory)


def _told(what: str, rounds: int) -> range:
    print(f"{what}: {rounds} rounds" if rounds > 1 else what, file=sys.stderr, flush=True)
    return range(rounds)


def _in_folder(measured: Callable[[Path], T]) -> T:
    with tempfile.TemporaryDirectory() as name:
        return measured(Path(name))


def _memory(hours: float) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.memory", str(hours)]
    done = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


main()
