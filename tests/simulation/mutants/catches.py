"""Which seed catches which mutant: the file `caught.toml`, written by `python -m tests.simulation.mutants`."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from tests.simulation.mutants.mutant import HERE, Mutant

FILE = HERE / "caught.toml"
_HEAD = "# Which seed catches which mutant. Written anew by: python -m tests.simulation.mutants\n"


@dataclass(frozen=True, slots=True)
class Catch:
    """A seed that catches a mutant, the rules by which it does, and how many of so many seeds do."""

    mutant: str
    seed: int
    rules: tuple[str, ...]
    caught: int
    tried: int


def read() -> dict[str, Catch]:
    """Give what was found, by the mutants' names; one that no seed catches is not there."""
    found = tomllib.loads(FILE.read_text()) if FILE.exists() else {}
    return {name: Catch(name, **{**entry, "rules": tuple(entry["rules"])}) for name, entry in found.items()}


def write(catches: Iterable[Catch]) -> None:
    """Write what was found."""
    FILE.write_text(_HEAD + "".join(map(_entry, sorted(catches, key=lambda catch: catch.mutant))))


def table(mutants: Iterable[Mutant], catches: dict[str, Catch]) -> str:
    """Show what was found, in Markdown."""
    lines = [
        "| mutant | the promise, and how it is broken | seed | rules | seeds that catch it |",
        "|---|---|---|---|---|",
    ]
    for mutant in mutants:
        catch = catches.get(mutant.name)
        if catch:
            found = f"{catch.seed} | {', '.join(catch.rules)} | {catch.caught} of {catch.tried}"
        else:
            found = f"none | {mutant.unseen} |"
        lines.append(f"| {mutant.name} | {mutant.promise} | {found} |")
    return "\n".join(lines)


def _entry(catch: Catch) -> str:
    rules = ", ".join(f'"{rule}"' for rule in catch.rules)
    return (
        f"\n[{catch.mutant}]\nseed = {catch.seed}\nrules = [{rules}]\n"
        f"caught = {catch.caught}\ntried = {catch.tried}\n"
    )
