"""`python -m tests.simulation.mutants`: look for the seeds that catch the mutants, and write `caught.toml` anew.

To be done when the product or the world has changed so that a seed is another world.
"""

import argparse
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.simulation.mutants import catches
from tests.simulation.mutants.catches import Catch
from tests.simulation.mutants.mutant import ITSELF, Outcome, mutants, simulate

Found = Mapping[str, Mapping[int, Outcome]]
"""What each seed said of each mutant."""


def main() -> None:
    """Try every mutant on every seed that finds nothing wrong with the product itself."""
    asked = _asked()
    all_of_them = [one for one in mutants() if not asked.only or one.name[:2] in asked.only]
    found: dict[str, dict[int, Outcome]] = {one.name: {} for one in all_of_them}
    with ThreadPoolExecutor(asked.jobs) as pool:
        for seed in range(asked.first, asked.first + asked.seeds):
            itself = simulate(ITSELF, seed)
            if itself.violations or itself.trouble:
                _say(f"seed {seed} is not used: {itself.trouble or itself.violations[0]}")
                continue
            left = [one for one in all_of_them if not (asked.quick and _seeds(found[one.name]))]
            outcomes = pool.map(lambda one, seed=seed: simulate(one, seed), left)
            for one, outcome in zip(left, outcomes, strict=True):
                found[one.name][seed] = outcome
                _say(f"seed {seed} {one.name}: {outcome.trouble or ', '.join(outcome.rules) or '-'}")
            kept = catches.read() if asked.only else {}
            catches.write({**kept, **_catches(found)}.values())
    _say(catches.table(mutants(), catches.read()))


def _catches(found: Found) -> dict[str, Catch]:
    """Choose a seed for each mutant that is caught: as few seeds as can be, for each costs a run of its own."""
    left = {name: _seeds(outcomes) for name, outcomes in found.items() if _seeds(outcomes)}
    chosen: dict[str, Catch] = {}
    while left:
        seeds = [seed for caught in left.values() for seed in caught]
        best = max(sorted(set(seeds)), key=seeds.count)
        for name in [name for name, caught in left.items() if best in caught]:
            caught, tried = len(left.pop(name)), len(found[name])
            chosen[name] = Catch(name, best, tuple(found[name][best].rules), caught, tried)
    return chosen


def _seeds(outcomes: Mapping[int, Outcome]) -> Sequence[int]:
    return [seed for seed, outcome in outcomes.items() if outcome.violations]


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutants", description=__doc__)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seeds", type=int, default=20, help="how many seeds")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time")
    parser.add_argument("--quick", action="store_true", help="try no mutant again that has been caught")
    parser.add_argument("--only", nargs="*", help="only the mutants with these numbers, as 07")
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - it is a command


if __name__ == "__main__":
    main()
