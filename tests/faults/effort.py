"""How much is done to the product: a little by `make test`, a lot by `make faults`; and the sum of it."""

import os
import random
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import TypeVar

T = TypeVar("T")

LONG = os.environ.get("FAULT_LONG", "") not in {"", "0"}
SEED = int(os.environ.get("FAULT_SEED", str(random.randrange(10**6))))
"""Decides all that chance decides; the end of the tests' output names it."""

_done: Counter[str] = Counter()


def much(little: T, lot: T) -> T:
    """Give what is right for this run."""
    return lot if LONG else little


def chance(name: str) -> random.Random:
    """Give the chance of one test, which is the same for the same seed, whatever other tests do."""
    return random.Random(f"{SEED} {name}")


def note(what: str, times: int = 1) -> None:
    """Count a fault that was done to the product."""
    _done[what] += times


def summary() -> list[str]:
    """Say what was done, how often, and from which seed."""
    if not _done:
        return []
    form = much("short form; `make faults` runs the long one", "long form")
    return [f"FAULT_SEED={SEED} ({form})", *(f"{times:6} {what}" for what, times in sorted(_done.items()))]


def numbers(start: int = 1, step: int = 1) -> Iterator[int]:
    """Count from `start` by `step` in the long form; in the short one leave out ever more: 1, 3, 9, 27, …"""
    return much((3**power for power in count()), count(start, step))
