"""The versions that were tested: all of them, exact, hashed, from no particular host."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EVERYTHING, DEVICE = ROOT / "constraints.txt", ROOT / "deploy/requirements.txt"
BACKEND = ROOT / "deploy/requirements-backend.txt"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def pins(file: Path) -> dict[str, str]:
    """`{"apsw": "3.54.1.0", …}`; a name without an exact version and a hash is no pin."""
    return dict(re.findall(r"^([\w.-]+)==([\w.]+).*\\\n +--hash=sha256:", file.read_text(), re.MULTILINE))


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w.-]", requirement)[0].lower() for requirement in requirements}


def test_everything_the_project_asks_for_is_pinned() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    for asked in (PROJECT["project"]["dependencies"], PROJECT["build-system"]["requires"], *extras.values()):
        assert names(asked) <= pins(EVERYTHING).keys()


def test_a_device_gets_the_versions_that_were_tested_and_no_more() -> None:
    assert names(PROJECT["project"]["dependencies"]) <= pins(DEVICE).keys()
    assert pins(DEVICE).items() <= pins(EVERYTHING).items()
    assert not {"msgspec", "litestar", "pytest"} & pins(DEVICE).keys()


def test_a_server_gets_what_the_backend_needs_and_nothing_of_the_tests() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    assert names(PROJECT["project"]["dependencies"] + extras["backend"]) <= pins(BACKEND).keys()
    assert pins(BACKEND).items() <= pins(EVERYTHING).items()
    # pyarrow is 150 MB, which only an export as Parquet needs.
    assert not (names(extras["dev"]) | names(extras["parquet"])) & pins(BACKEND).keys()


@pytest.mark.parametrize("file", [EVERYTHING, DEVICE, BACKEND], ids=lambda file: file.name)
def test_no_line_names_a_host_or_a_folder(file: Path) -> None:
    lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.match(r"[\w.-]+==| +--hash=sha256:[0-9a-f]{64}", line)] == []
