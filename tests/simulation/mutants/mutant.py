"""A mutant: the product with one promise broken on purpose, as a patch whose first line says which.

A second line says why no seed sees it, where that is so.
"""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
ALARM_S = 40
"""Nobody waits longer for a seed, of the processor's time: it takes two or three."""

_RULE = re.compile(r" \((\w+)\): ")
_RUN = """
import json, logging, resource, sys
from simulation.run import run
logging.disable()
seed, alarm_s = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_CPU, (alarm_s, alarm_s))
json.dump(run(seed).violations, sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A patch against `sampler/`. `promise`: what is promised, and how it is broken; `unseen`: why no seed sees it."""

    name: str
    promise: str
    patch: Path | None
    unseen: str = ""

    @classmethod
    def read(cls, patch: Path) -> "Mutant":
        """Read a patch's name and its first lines."""
        promise, unseen = patch.read_text().splitlines()[:2]
        return cls(patch.stem, promise, patch, unseen)

    def applies(self) -> str:
        """Say why it does not apply to the product as it is, nothing if it does."""
        return self._apply(ROOT, "--check")

    def make(self, folder: Path) -> None:
        """Make the mutant in an empty folder. Raises ValueError if the patch does not apply."""
        for package in ("sampler", "simulation"):
            shutil.copytree(ROOT / package, folder / package)
        if problem := self._apply(folder):
            raise ValueError(problem)

    def _apply(self, folder: Path, *options: str) -> str:
        if self.patch is None:
            return ""
        # In a folder that is no repository git takes the names as they are.
        command = ["git", "apply", "-C1", *options, str(self.patch)]
        outside = {**environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
        done = subprocess.run(command, cwd=folder, env=outside, capture_output=True, text=True, check=False)
        if not done.returncode:
            return ""
        return f"{self.patch.name} does not apply any more; make it anew from what it says: {done.stderr}"


ITSELF = Mutant("the product itself", "", None)


def mutants() -> list[Mutant]:
    """Give all mutants, in the order of their numbers."""
    return [Mutant.read(patch) for patch in sorted(HERE.glob("[0-9][0-9]-*.patch"))]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the simulation says of one seed. `trouble`: why it says nothing."""

    violations: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def rules(self) -> list[str]:
        """Give the letters of the promises found broken; `defect` for what is none but must not be."""
        found = (_RULE.search(violation) for violation in self.violations)
        return sorted({match[1] if match else "defect" for match in found})


def simulate(mutant: Mutant, seed: int) -> Outcome:
    """Run one seed over a mutant, in a process of its own. Raises ValueError if its patch does not apply."""
    with TemporaryDirectory() as name:
        mutant.make(Path(name))
        command = [sys.executable, "-P", "-c", _RUN, str(seed), str(ALARM_S)]
        here = {**environ, "PYTHONPATH": name, "PYTHONHASHSEED": "0"}
        done = subprocess.run(command, cwd=name, env=here, capture_output=True, text=True, check=False)
    if done.returncode < 0:
        return Outcome(trouble=f"no end within {ALARM_S} s of the processor's time")
    if done.returncode:
        return Outcome(trouble=f"the simulation itself failed: {done.stderr.strip()[-300:]}")
    return Outcome(tuple(json.loads(done.stdout)))
