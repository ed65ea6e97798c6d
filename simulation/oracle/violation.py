"""What does not hold, in words."""

from dataclasses import dataclass
from typing import Literal

Rule = Literal["a", "b", "c", "d", "e", "f", "g", "h", "oracle"]
"""The promise that is broken; `oracle`: the judge itself has failed, so nothing is known to hold."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that does not hold: of which device, which promise, at which number if at one, and how."""

    device: str
    rule: Rule
    sequence: int | None
    text: str

    def __str__(self) -> str:
        number = "" if self.sequence is None else f", measurement {self.sequence}"
        return f"{self.device}{number} ({self.rule}): {self.text}"
