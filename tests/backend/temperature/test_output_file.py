"""The lines of output.txt."""

import logging
from pathlib import Path

import pytest

from sampler.backend.store.measurements import Measurement
from sampler.backend.temperature.output_file import OutputFile, line

EXAMPLE = Measurement(16182588200000000, 16182589400000000, 1.11, 1.13, 1.12)


def test_the_line_has_the_published_form() -> None:
    assert line(EXAMPLE) == (
        "[2021-04-12T20:20:20.0000000Z-2021-04-12T20:22:20.0000000Z] max: 1.13 min: 1.11 avg: 1.12\n"
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [(1.1, "1.1"), (23.0, "23"), (-0.5, "-0.5"), (0.0, "0"), (-0.0, "-0"), (1e-05, "1E-05")],
)
def test_numbers_are_written_without_padding(value: float, written: str) -> None:
    assert line(Measurement(0, 1, value, 1.0, 1.0)).endswith(f" max: 1 min: {written} avg: 1\n")


def test_ticks_of_100_ns_are_shown() -> None:
    assert line(Measurement(1, 10_000_000, 0.0, 0.0, 0.0)).startswith(
        "[1970-01-01T00:00:00.0000001Z-1970-01-01T00:00:01.0000000Z]"
    )


def test_lines_are_appended_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "output.txt"
    path.write_text("before\n")

    OutputFile(path).write([EXAMPLE, EXAMPLE])

    assert path.read_text() == "before\n" + line(EXAMPLE) * 2


def test_a_file_that_was_rotated_away_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "output.txt"
    output = OutputFile(path)
    path.rename(tmp_path / "output.txt.1")

    output.write([EXAMPLE])

    assert path.read_text() == line(EXAMPLE)


def test_a_file_that_cannot_be_written_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "output.txt"
    output = OutputFile(path)
    path.unlink()
    path.mkdir()

    with caplog.at_level(logging.ERROR):
        output.write([EXAMPLE])
        output.write([EXAMPLE])

    assert len(caplog.records) == 1
