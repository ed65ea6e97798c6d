"""What was to be reached, and whether it was."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal, with what was found."""

    ok: bool
    what: str

    def __str__(self) -> str:
        return f"{'✓' if self.ok else '✗'} {self.what}"
