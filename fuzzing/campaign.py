"""A target's run: its seeds on the disk, libFuzzer in a process of its own, and what came of it."""

import hashlib
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fuzzing.target import load

REPOSITORY = Path(__file__).parents[1]
_LONGEST_RUN_S = 25
"""An input that takes longer is a defect, too."""
_MEMORY_MB = 2048
_GRACE_S = 120
_COVERAGE = re.compile(r"\bcov: (\d+) ft: \d+ corp: (\d+)/")
_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_SECONDS = re.compile(r"^Done \d+ runs in (\d+) second", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    name: str
    runs: int
    per_second: int
    edges: int
    """Branches of the product's code that were seen."""
    corpus: int
    """Inputs that each see something that the others do not."""
    crashes: list[Path]
    ended: bool
    """Whether it went on to its end, but for the crashes."""

    @property
    def good(self) -> bool:
        return self.ended and not self.crashes

    def __str__(self) -> str:
        crashes = len(self.crashes)
        state = "ok" if self.good else f"{crashes} crash{'es' * (crashes > 1)}" if crashes else "DIED"
        return (
            f"{self.name:16}{self.runs:>12,} runs{self.per_second:>8,}/s{self.edges:>7,} edges"
            f"{self.corpus:>7,} inputs  {state}"
        )


def run(name: str, seconds: int, folder: Path) -> Outcome:
    """Fuzz one target for so long, going on from the inputs that the folder holds; crashes and the log go there."""
    corpus, crashes, log = folder / "corpus" / name, folder / "crashes" / name, folder / f"{name}.log"
    for made in (corpus, crashes):
        made.mkdir(parents=True, exist_ok=True)
    before = set(crashes.iterdir())
    options = {
        "max_total_time": seconds,
        "max_len": load(name).longest,
        "timeout": _LONGEST_RUN_S,
        "report_slow_units": _LONGEST_RUN_S,
        "rss_limit_mb": _MEMORY_MB,
        "artifact_prefix": f"{crashes}/",
        "print_final_stats": 1,
        "reload": 0,
        **_prepare(name, corpus, folder),
    }
    arguments = [f"-{option}={value}" for option, value in options.items()]
    ended = _is_over(
        [sys.executable, "-m", "fuzzing.guided", name, *arguments, corpus], log, seconds + _GRACE_S
    )
    found = sorted(set(crashes.iterdir()) - before)
    return outcome(name, log.read_text(errors="replace"), found, ended=ended)


def _is_over(command: list[str | Path], log: Path, within_s: float) -> bool:
    """Have it done; False if it ended badly, or did not."""
    with log.open("wb") as file:
        try:
            done = subprocess.run(
                command,
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                timeout=within_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0


def _prepare(name: str, corpus: Path, folder: Path) -> dict[str, object]:
    """Write the seeds, and the words as libFuzzer reads them; give the options that name these."""
    target = load(name)
    for seed in target.seeds():
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    words = folder / f"{name}.words"
    words.write_text("".join(map(_quoted, target.words)))
    return {"dict": words} if target.words else {}


def _quoted(word: bytes) -> str:
    escaped = "".join(rf"\x{byte:02x}" for byte in word)
    return f'"{escaped}"\n'


def outcome(name: str, log: str, crashes: list[Path], *, ended: bool) -> Outcome:
    """Read libFuzzer's own words."""
    seen = [(int(edges), int(corpus)) for edges, corpus in _COVERAGE.findall(log)]
    edges, corpus = seen[-1] if seen else (0, 0)
    runs, seconds = (int(found[-1]) if (found := form.findall(log)) else 0 for form in (_RUNS, _SECONDS))
    return Outcome(name, runs, runs // max(seconds, 1), edges, corpus, crashes, ended)
