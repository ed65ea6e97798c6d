"""The oracle is tested, too: each mutant of the product breaks one promise, and the simulation must see it.

Seeds are other worlds once the simulation draws otherwise: `python -m tests.simulation.mutants` finds new ones.
"""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.simulation.mutants import catches
from tests.simulation.mutants.mutant import ITSELF, Mutant, Outcome, mutants, simulate

MUTANTS = {mutant.name: mutant for mutant in mutants()}
CATCHES = catches.read()
Runs = dict[tuple[str, int], Future[Outcome]]


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    """Every seed that catches a mutant, over that mutant and over the product itself."""
    wanted = [(mutant, catch.seed) for catch in CATCHES.values() if (mutant := MUTANTS.get(catch.mutant))]
    both: list[tuple[Mutant, int]] = [*((ITSELF, seed) for seed in {seed for _, seed in wanted}), *wanted]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {(mutant.name, seed): pool.submit(simulate, mutant, seed) for mutant, seed in both}
        pool.shutdown(cancel_futures=True)


def test_at_least_twenty_mutants_are_caught() -> None:
    assert len(CATCHES) >= 20
    assert not CATCHES.keys() - MUTANTS.keys(), "there is no such patch"


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=lambda mutant: mutant.name)
def test_a_mutant_can_be_made_of_the_product_as_it_is(mutant: Mutant) -> None:
    assert not mutant.applies()


@pytest.mark.real
@pytest.mark.parametrize("name", CATCHES)
def test_the_simulation_catches(name: str, runs: Runs) -> None:
    outcome = runs[name, CATCHES[name].seed].result()
    assert not outcome.trouble
    assert outcome.violations, f"{MUTANTS[name].promise} Nobody has seen it: find another seed"


@pytest.mark.real
@pytest.mark.parametrize("seed", sorted({catch.seed for catch in CATCHES.values()}))
def test_and_finds_nothing_wrong_with_the_product_itself(seed: int, runs: Runs) -> None:
    outcome = runs[ITSELF.name, seed].result()
    assert not outcome.trouble
    assert not outcome.violations
