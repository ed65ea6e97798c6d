"""What the runner makes of libFuzzer's words, and an input that is repeated by hand."""

import subprocess
import sys
from pathlib import Path

import pytest

from fuzzing import campaign

ENDED = """#2	INITED cov: 3 ft: 3 corp: 1/1b exec/s: 0 rss: 50Mb
#163\tNEW    cov: 21 ft: 36 corp: 6/806b lim: 4096 exec/s: 81 rss: 40Mb L: 8/323 MS: 1 CMP-
Done 8128 runs in 16 second(s)
stat::number_of_executed_units: 8128
"""
CRASHED = ENDED.replace("Done 8128 runs in 16 second(s)\n", " === Uncaught Python exception: ===\n")


def test_the_last_words_count() -> None:
    outcome = campaign.outcome("packed", ENDED, [], ended=True)

    assert (outcome.runs, outcome.per_second, outcome.edges, outcome.corpus) == (8128, 508, 21, 6)
    assert outcome.good
    assert str(outcome) == "packed                 8,128 runs     508/s     21 edges      6 inputs  ok"


def test_a_crash_is_no_good_end() -> None:
    outcome = campaign.outcome("packed", CRASHED, [Path("crash-1")], ended=False)

    assert not outcome.good
    assert str(outcome).endswith("1 crash")


def test_one_that_died_without_an_input_is_none_either() -> None:
    assert str(campaign.outcome("packed", "", [], ended=False)).endswith("DIED")


def repeated(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fuzzing", "packed", "--repeat", file]
    return subprocess.run(command, cwd=campaign.REPOSITORY, capture_output=True, text=True, check=False)


@pytest.mark.real
def test_an_input_is_repeated_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "input"
    file.write_bytes(b"\0anything")

    assert repeated(file).returncode == 0


@pytest.mark.real
def test_a_target_is_fuzzed_where_there_is_atheris(tmp_path: Path) -> None:
    pytest.importorskip("atheris")

    outcome = campaign.run("packed", 2, tmp_path)

    assert outcome.good
    assert outcome.runs > 100
    assert outcome.edges > 5, "the product's code is not watched"
