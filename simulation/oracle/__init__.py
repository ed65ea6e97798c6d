"""The oracle: it knows what truly happened to a device, and judges what the product says of it."""

from collections.abc import Callable, Iterable, Iterator
from traceback import extract_tb

from simulation.diary import Backend, Device
from simulation.oracle.accounts import judge_account
from simulation.oracle.labels import judge_labels
from simulation.oracle.pace import judge_pace
from simulation.oracle.product import Product, numbers
from simulation.oracle.statistics import Statistics
from simulation.oracle.trail import Fault, Trail
from simulation.oracle.violation import Violation
from simulation.oracle.walk import Walk

__all__ = ["Product", "Statistics", "Violation", "judge", "overdue"]


def judge(device: Device, product: Product, backend: Backend) -> list[Violation]:
    """Say everything that does not hold of a device, by the promises (a) to (f); nothing if all holds."""
    lives = device.lives
    rotten = any(life.rot for life in lives)
    found: list[Fault] = []

    def walked() -> Iterator[Fault]:
        given = numbers(product, backend.restored.values(), beyond=rotten)
        trail = Walk(lives, given, product).best() if lives else Trail()
        yield from trail.faults
        yield from judge_labels(product, given, trail, lives)

    for part in (lambda: judge_account(product, lives, backend), lambda: judge_pace(lives), walked):
        found += _whatever_happens(part)
    return [Violation(device.name, *fault) for fault in found]


def overdue(device: Device, product: Product) -> list[Violation]:
    """Say what still waits or is held: once the world is calm for long enough, nothing may (rule g)."""
    return [
        Violation(device.name, "g", entry.sequence, f"is still {entry.state}, {entry.key}")
        for entry in product.entries
        if entry.state != "set_aside"
    ]


def _whatever_happens(part: Callable[[], Iterable[Fault]]) -> list[Fault]:
    """Judge; a faulty product must not silence its judge."""
    found: list[Fault] = []
    try:
        found.extend(part())
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing is known to hold
        place = extract_tb(error.__traceback__)[-1]
        text = f"the judge failed: {error!r} in {place.name}, line {place.lineno}"
        found.append(Fault("oracle", None, text))
    return found
