"""Fuzz what parses, target by target; or repeat one input that a target did not stand."""

import argparse
import sys
from pathlib import Path

from fuzzing import campaign
from fuzzing.target import NAMES, load

FOLDER = Path(".fuzzing")


def main() -> int:
    options = _options()
    if options.repeat:
        load(options.target[0]).one(options.repeat.read_bytes())
        return 0
    outcomes = [_told(name, options.seconds, options.folder) for name in options.target or NAMES]
    return 0 if all(outcome.good for outcome in outcomes) else 1


def _told(name: str, seconds: int, folder: Path) -> campaign.Outcome:
    outcome = campaign.run(name, seconds, folder.absolute())
    print(outcome, flush=True)
    for crash in outcome.crashes:
        print(f"  again: {sys.executable} -m fuzzing {name} --repeat {crash}", flush=True)
    if not outcome.good:
        print(f"  log: {folder / name}.log", flush=True)
    return outcome


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzzing", description=__doc__)
    parser.add_argument(
        "target", nargs="*", choices=[*NAMES, []], metavar="TARGET", help=f"of {', '.join(NAMES)}"
    )
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where inputs are kept from run to run")
    parser.add_argument("--repeat", type=Path, metavar="FILE", help="run one target once, with this input")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
