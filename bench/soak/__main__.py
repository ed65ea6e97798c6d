"""Hours of the daemon and the backend in real processes, at speed or at life's: nothing may grow."""

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path

from bench.report import machine
from bench.soak.course import Plan
from bench.soak.report import as_json, heading, judged, table
from bench.soak.world import soak


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=2.0, help="how many (default: 2)")
    parser.add_argument(
        "--speed", type=float, default=60.0, help="how many times as fast as life (default: 60)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to this file, too")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and leave no process behind
    plan = Plan(options.hours, options.speed)
    print(f"{machine()}\n{heading(plan)}\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        course = soak(plan, Path(folder))
    print(f"{table(course)}\n\n{machine()}\n")
    print(*judged(course), sep="\n")
    if options.json:
        options.json.write_text(json.dumps(as_json(course), indent=1, ensure_ascii=False) + "\n")
    sys.exit(not all(verdict.ok for verdict in judged(course)))


main()
