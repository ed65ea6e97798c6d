"""Try each layout under each load, and print what it costs."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.layouts.kinds import Arrivals, Blocks, Layout, Rows, Scattered
from bench.layouts.load import HOUR, NOW, SENSORS, Load, sent
from bench.layouts.sums import HOURLY, RUNNING
from bench.layouts.trial import Cost, Trial, opened
from bench.report import machine

ROUNDS = 2
PAST = range(NOW - 100, NOW)
"""Hours of which each sensor has a reading: neighbours in a commit lie far apart in a table that has grown."""
LOADS = [
    Load(1000, 1, 100),
    Load(1000, 10, 20),
    Load(1000, 50, 6),
    Load(1, 10, 300),
    Load(1, 50, 120),
    Load(1, 200, 50),
]
LAYOUTS: dict[str, Callable[[], Layout]] = {
    "L1 a row a reading": lambda: Rows(RUNNING, HOURLY),
    "L2 a block a commit, hour and sensor": lambda: Blocks(RUNNING, HOURLY),
    "   indexed by sensor, then hour": lambda: Scattered(RUNNING, HOURLY),
    "L3 a row a commit, blocks later": lambda: Arrivals(RUNNING, HOURLY),
    "   hourly statistics with the blocks": lambda: Arrivals(RUNNING, later=[HOURLY]),
    "   all statistics with the blocks": lambda: Arrivals(later=[RUNNING, HOURLY]),
    "   no statistics": Arrivals,
}
# later: of the CPU, what the background takes
HEAD = f"{'readings/s':>11}{'µs CPU':>8}{'later':>7}{'B disk':>8}{'B log':>8}{'one ms':>8}{'all ms':>8}"


def main() -> None:
    print(machine())
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        pasts = {words: _past(Path(name), make()) for words, make in LAYOUTS.items()}
        # Round by round, so that no layout alone has busy neighbours.
        rounds = [
            {
                (load, words): _cost(pasts[words], make(), load)
                for load in LOADS
                for words, make in LAYOUTS.items()
            }
            for _ in range(ROUNDS)
        ]
    for load in LOADS:
        print(f"\n{load!s:38}{HEAD}")
        for words in LAYOUTS:
            print(f"{words:38}{_row(_best([costs[load, words] for costs in rounds]))}")
    print(machine())


def _past(folder: Path, layout: Layout) -> Path:
    path = folder / f"{len(list(folder.iterdir()))}.db"
    readings = {(hour, sensor): ([hour * HOUR], [1.0]) for hour in PAST for sensor in range(SENSORS)}
    with contextlib.closing(opened(path)) as connection, connection:
        connection.execute(layout.schema)
        layout.settle(connection, readings)
        RUNNING.create(connection, ((sensor,) for sensor in range(SENSORS)))
        HOURLY.create(connection, readings)
    return path


def _cost(past: Path, layout: Layout, load: Load) -> Cost:
    path = past.with_name("trial.db")
    shutil.copy(past, path)
    try:
        return Trial(path, layout).run(sent(load))
    finally:
        path.unlink()


def _best(costs: list[Cost]) -> Cost:
    return Cost(*map(min, zip(*costs, strict=True)))


def _row(cost: Cost) -> str:
    return (
        f"{1e6 / cost.wall_us:>11,.0f}{cost.cpu_us:>8.2f}{cost.later_us:>7.2f}"
        f"{cost.disk:>8.1f}{cost.log:>8.0f}{cost.one_ms:>8.2f}{cost.all_ms:>8.1f}"
    )


if __name__ == "__main__":
    main()
