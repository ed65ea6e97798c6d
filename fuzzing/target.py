"""What a surface hands to those who fuzz it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

NAMES = tuple(
    sorted(file.stem for file in (Path(__file__).parent / "surfaces").glob("*.py") if file.stem != "__init__")
)
"""The names of all targets: those of the files."""


@dataclass(frozen=True)
class Target:
    """A surface: a harness, and what to begin with."""

    about: str
    one: Callable[[bytes], None]
    """Raises for bytes that show a defect, and for nothing else."""
    seeds: Callable[[], Iterable[bytes]]
    """Inputs that get somewhere, made from the project's own examples."""
    words: tuple[bytes, ...] = ()
    """What the surface's language is made of."""
    longest: int = 4096
    """Bytes in an input."""
    quick: int = 300
    """How many mutations `make check` tries: a tenth of a second's worth."""


def load(name: str) -> Target:
    """Import a target, and what it fuzzes; not before, so that it can be watched while it is imported."""
    found: Target = import_module(f"fuzzing.surfaces.{name}").TARGET
    return found
