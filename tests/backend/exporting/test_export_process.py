"""Long exports: what they take, and what puts an end to them."""

import contextlib
import random
import subprocess
import sys
from pathlib import Path

import pytest
from pyarrow import parquet

from sampler.backend.store.opening import open_store
from sampler.backend.store.readings import adding, moving
from sampler.backend.store.readings.series import Series
from tests.commands.terminal import Terminal
from tests.faults.disks import memory_disk, reason_for_no_disk

pytestmark = pytest.mark.real

READINGS = 400_000
SECOND = 10_000_000
# The most memory that the program itself has had: what `getrusage` says has its parent's in it.
MEASURED = """
import pathlib, runpy
try:
    runpy.run_module("sampler.backend", run_name="__main__")
finally:
    print(pathlib.Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Readings of a sensor, one a second since 2020, in twenty commits, put away as a backend does."""
    url = f"sqlite:///{tmp_path_factory.mktemp('export')}/backend.db"
    with contextlib.closing(open_store(url)) as store:
        for start in range(0, READINGS, READINGS // 20):
            times = [(1_577_836_800 + start + i) * SECOND for i in range(READINGS // 20)]
            values = [random.random() for _ in times]
            with store.writing() as session:
                adding.add(session, [Series("kitchen", times, values, times[-1], 0)])
            with store.writing() as session:
                moving.carry_out(session, moving.plan(session))
    return url


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "sampler.backend", "export", *map(str, arguments)]


def test_it_takes_the_memory_of_a_part_and_not_of_the_whole(database: str, tmp_path: Path) -> None:
    arguments = command("-o", tmp_path / "out.csv", "--database", database)[3:]
    measured = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments], stdout=subprocess.PIPE, check=True
    )

    assert (tmp_path / "out.csv").read_bytes().count(b"\n") == READINGS + 1
    # 34 MB, nearly all of it the program's own; with everything in memory it was 59.
    assert int(measured.stdout) < 48_000


def test_row_groups_are_of_about_a_hundred_thousand(database: str, tmp_path: Path) -> None:
    subprocess.run(command("-o", tmp_path / "out.parquet", "--database", database), check=True)

    with parquet.ParquetFile(tmp_path / "out.parquet") as file:
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    assert sum(sizes) == READINGS
    assert all(100_000 <= size < 200_000 for size in sizes[:-1])


def test_a_reader_that_has_seen_enough_ends_it_quietly(database: str) -> None:
    with subprocess.Popen(
        command("--database", database), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b"time,name,value\r\n"
        process.stdout.close()

        assert process.stderr.read() == b""


@pytest.mark.skipif(bool(reason_for_no_disk()), reason=reason_for_no_disk())
def test_a_full_disk_ends_it_with_words_and_leaves_nothing(database: str, tmp_path: Path) -> None:
    with memory_disk(tmp_path, "1m") as disk:
        ended = subprocess.run(
            command("-o", disk.place / "out.csv", "--database", database),
            capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert ended.returncode == 1
        assert ended.stderr == "Error: the export is not whole: [Errno 28] No space left on device\n"
        assert list(disk.place.iterdir()) == []


def test_on_a_terminal_it_tells_how_many_rows_it_has_written(database: str, tmp_path: Path) -> None:
    with Terminal(command("-o", tmp_path / "out.csv", "--database", database), tmp_path) as terminal:
        assert terminal.end() == 0
        terminal.wait_for(rf"rows  .*  {READINGS}")
