"""What was measured, for people: a table, and what was to be reached."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.contestants import C_LOOP, Cost, percentile
from bench.scenes import DRAINS, FILE, HANGS

GROWTH_MIB = 0.25
"""So much may come and go in the second half of the day: the allocator's pages, garbage not yet collected."""

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
            **{f"p{percent}_us": percentile(cost.late, percent) for percent in (50, 99, 100)},
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
    """Lay out who cost what: medians of the rounds; lateness over all their ticks, in brackets the rounds' extremes."""
    head = f"{'':30}{'CPU %':>8}{'RSS MiB':>9}{'PSS MiB':>9}{'p50 µs':>8}{'p99 µs':>8}{'p99 / C loop':>24}"
    rows = [_row(name, result.idle) for name in result.idle[0]]
    rows += ["", "a reading every 10 ms, while the backend, the delivery and the disk are busy:"]
    rows += [_row(name, result.drains) for name in result.drains[0]]
    return "\n".join([*result.machine, "", head, *rows])


def _row(name: str, rounds: Rounds) -> str:
    costs, late = [each[name] for each in rounds], _late(name, rounds)
    cells = [
        _cell(median(cost.cpu for cost in costs), "8.3f"),
        _cell(median(cost.rss for cost in costs), "9.1f"),
        _cell(median(found) if (found := [cost.pss for cost in costs if cost.pss]) else None, "9.1f"),
        _cell(percentile(late, 50), "8.0f"),
        _cell(percentile(late, 99), "8.0f"),
    ]
    each = [ratio for one in rounds if (ratio := ratio_to_c(name, [one]))]
    ratio = ratio_to_c(name, rounds)
    beside = f"{ratio:.2f} ({min(each):.2f} to {max(each):.2f})" if ratio and each else "-"
    return f"{name:30}{''.join(cells)}{beside:>24}"


def _cell(figure: float | None, form: str) -> str:
    return f"{'-':>{form.partition('.')[0]}}" if figure is None else format(figure, form)


def _late(name: str, rounds: Rounds) -> list[float]:
    return [late for costs in rounds if name in costs for late in costs[name].late]


def ratio_to_c(name: str, rounds: Rounds) -> float | None:
    """Give its 99th percentile over the C loop's in these rounds; None where either was not measured."""
    ours, theirs = percentile(_late(name, rounds), 99), percentile(_late(C_LOOP, rounds), 99)
    return ours / theirs if ours and theirs else None


def verdicts(result: Result) -> str:
    """Hold the figures against what was to be reached."""
    memory = result.memory
    cpu = median(costs[FILE].cpu for costs in result.idle)
    rss = median(costs[FILE].rss for costs in result.idle)
    growth = memory["at_the_end"] - memory["half_way"]
    lines = [
        _verdict("CPU", cpu, 0.15, "% of a core"),
        _verdict("resident memory", rss, 30.0, "MiB"),
        _verdict("start to first reading", median(result.starts), 0.5, "s"),
        _verdict(
            f"growth of memory in the second half of {memory['hours']:g} simulated hours",
            growth,
            GROWTH_MIB,
            "MiB",
        ),
    ]
    for name, rounds in ((FILE, result.idle), (HANGS, result.idle), (DRAINS, result.drains)):
        if ratio := ratio_to_c(name, rounds):
            lines.append(_verdict(f"p99 lateness, {name}", ratio, 2.0, "times the C loop's"))
        else:
            lines.append(f"- p99 lateness, {name}: left out, there is no C compiler here")
    return "\n".join(lines)


def _verdict(what: str, found: float, most: float, unit: str) -> str:
    return f"{'✓' if found <= most else '✗'} {what}: {found:.3g} {unit} (to reach: {most:g})"
