"""What a process holds at one moment, as the kernel counts it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bench.contestants import cpu_ns


@dataclass(frozen=True, slots=True)
class Usage:
    """Memory in MiB, file descriptors and threads now; CPU time since the start in ns."""

    rss: float
    pss: float
    """What several processes share counts in parts: it moves when others come and go."""
    anonymous: float
    """Of the resident memory, what is no file's: the heap and the stacks."""
    descriptors: int
    threads: int
    cpu_ns: int

    @classmethod
    def of(cls, pid: int) -> Self:
        """Look at a process. Raises OSError if it has ended."""
        proc = Path(f"/proc/{pid}")
        # Summed up page by page: the counters behind VmRSS run late by some hundred KiB.
        lines = (proc / "smaps_rollup").read_text().splitlines()[1:]
        kib = {name: int(size.split()[0]) for name, _, size in (line.partition(":") for line in lines)}
        return cls(
            kib["Rss"] / 1024,
            kib["Pss"] / 1024,
            kib["Anonymous"] / 1024,
            len(list((proc / "fd").iterdir())),
            len(list((proc / "task").iterdir())),
            cpu_ns(pid),
        )
