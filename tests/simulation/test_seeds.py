"""Whole worlds: the seeds that once found something, the same ones each time, and some that nobody has seen."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
EACH_TIME = int(os.environ.get("SIMULATION_SEEDS", "60"))
FOUND = (13, 18, 19, 36, 38, 213, 217, 218, 231)
"""Seeds at which the product, or its judge, was once wrong. Each fault has a test of its own, too."""


def test_the_seeds_that_once_found_something_find_nothing() -> None:
    assert simulated([option for seed in FOUND for option in ("--seed", str(seed))])


def test_the_same_seeds_as_ever_find_nothing() -> None:
    assert simulated(["--seed", "1000", "--seeds", str(EACH_TIME)])


def test_seeds_that_nobody_has_seen_find_nothing() -> None:
    assert simulated(["--seeds", str(EACH_TIME)])


def simulated(options: Sequence[str]) -> bool:
    """Run the simulation as a user does; what it tells, with its seed, is shown where it fails."""
    ended = subprocess.run([sys.executable, "-m", "simulation", *options], cwd=ROOT, check=False)
    return ended.returncode == 0
