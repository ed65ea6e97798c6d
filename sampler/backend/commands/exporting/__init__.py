"""What can be exported and in which forms: rows in columns, some tens of thousands at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What the values of a column are."""

    TIME = "ticks of 100 ns since 1970, UTC"
    TEXT = "text or nothing"
    REAL = "floats"


Batch = Sequence[Sequence[object]]
"""A sequence of values for each column, all of the same length."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A table on its way out."""

    kinds: dict[str, Kind]
    batches: Iterator[Batch]
