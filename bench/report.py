"""What was measured, for people: a table, and what was to be reached."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.contestants import C_LOOP, Cost
from bench.scenes import DRAINS, FILE, HANGS

GROWTH_MIB = 0.5
"""So much may come and go: the allocator's whole pages."""

Rounds = Sequence[dict[str, Cost]]


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that was measured; a round of a scene gives one cost for each who took part."""

    machine: list[str]
    starts: list[float]
    idle: Rounds
    drains: Rounds
    memory: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """Give the figures, lateness by its percentiles in µs."""
        scenes = {"side_by_side": self.idle, "drains": self.drains}
        return {
            "machine": self.machine,
            "start_to_first_reading_s": self.starts,
            **{name: [_figures(costs) for costs in rounds] for name, rounds in scenes.items()},
            "memory_mib": self.memory,
        }


def _figures(costs: dict[str, Cost]) -> dict[str, Any]:
    return {
        name: {
            "cpu_percent": cost.cpu,
            "rss_mib": cost.rss,
            "pss_mib": cost.pss,
            "ticks": len(cost.late),
            **{f"p{percent}_us": cost.percentile(percent) for percent in (50, 99, 100)},
        }
        for name, cost in costs.items()
    }


def machine() -> str:
    """Describe what this runs on, and how busy it is."""
    cores, busy = os.cpu_count(), " ".join(f"{load:.1f}" for load in os.getloadavg())
    system = f"{platform.machine()}, {platform.system()} {platform.release()}"
    return f"{_processor()}, {cores} cores, {system}, Python {platform.python_version()}; load {busy}"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "processor")


def table(result: Result) -> str:
    """Lay out who cost what: medians of the rounds, and p99 over the C loop's in the same round (least to most)."""
    head = f"{'':30}{'CPU %':>8}{'RSS MiB':>9}{'PSS MiB':>9}{'p50 µs':>8}{'p99 µs':>8}{'p99 / C loop':>22}"
    rows = [_row(name, result.idle) for name in result.idle[0]]
    rows += ["", "readings every 10 ms, while 2 processes and a disk are busy:"]
    rows += [_row(name, result.drains) for name in result.drains[0]]
    return "\n".join([*result.machine, "", head, *rows])


def _row(name: str, rounds: Rounds) -> str:
    costs = [each[name] for each in rounds]
    cells = [
        _middle([cost.cpu for cost in costs], ".3f"),
        _middle([cost.rss for cost in costs], ".1f"),
        _middle([cost.pss for cost in costs], ".1f"),
        _middle([cost.percentile(50) for cost in costs], ".0f"),
        _middle([cost.percentile(99) for cost in costs], ".0f"),
    ]
    ratios = ratios_to_c(name, rounds)
    beside = f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})" if ratios else "-"
    return f"{name:30}{cells[0]:>8}{cells[1]:>9}{cells[2]:>9}{cells[3]:>8}{cells[4]:>8}{beside:>22}"


def _middle(figures: Iterable[float | None], form: str) -> str:
    found = [figure for figure in figures if figure is not None]
    return format(median(found), form) if found else "-"


def ratios_to_c(name: str, rounds: Rounds) -> list[float]:
    """Give, for each round, this one's 99th percentile over the C loop's; nothing where either was not measured."""
    pairs = [
        (costs[name].percentile(99), costs[C_LOOP].percentile(99)) for costs in rounds if C_LOOP in costs
    ]
    return [ours / theirs for ours, theirs in pairs if ours and theirs]


def verdicts(result: Result) -> str:
    """Hold the figures against what was to be reached."""
    memory = result.memory
    cpu = median(costs[FILE].cpu for costs in result.idle)
    rss = median(costs[FILE].rss for costs in result.idle)
    growth = memory["at_the_end"] - memory["after_first_tenth"]
    lines = [
        _verdict("CPU", cpu, 0.15, "% of a core"),
        _verdict("resident memory", rss, 30.0, "MiB"),
        _verdict("start to first reading", median(result.starts), 0.5, "s"),
        _verdict(f"growth of memory in {memory['hours']:g} simulated hours", growth, GROWTH_MIB, "MiB"),
    ]
    for name, rounds in ((FILE, result.idle), (HANGS, result.idle), (DRAINS, result.drains)):
        if ratios := ratios_to_c(name, rounds):
            lines.append(_verdict(f"p99 lateness, {name}", median(ratios), 2.0, "times the C loop's"))
        else:
            lines.append(f"- p99 lateness, {name}: left out, there is no C compiler here")
    return "\n".join(lines)


def _verdict(what: str, found: float, most: float, unit: str) -> str:
    return f"{'✓' if found <= most else '✗'} {what}: {found:.3g} {unit} (to reach: {most:g})"
