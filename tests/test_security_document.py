"""docs/security.md names for each defence the tests that see it: they are there, and so is whatever else it names."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import click
import pytest

from sampler.backend.command import backend
from sampler.cli import COMMANDS
from sampler.device.config import kinds
from tests.backend.conftest import Serve, serve

__all__ = ["serve"]

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs/security.md").read_text()
QUOTED = re.findall(r"`([^`]+)`", TEXT)
TESTS = [quoted for quoted in QUOTED if "::" in quoted]
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and "| seen by |" not in line]


@cache
def named_in(file: str) -> set[str]:
    """The names of the tests that stand in a file, without importing it."""
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("test", sorted(set(TESTS)))
def test_each_test_that_is_named_is_there(test: str) -> None:
    file, _, name = test.partition("::")

    assert (ROOT / file).is_file()
    assert name.startswith("test_")
    assert name in named_in(file)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split(" | ")[0].strip("| "))
def test_each_defence_names_its_tests(row: str) -> None:
    attack, defence, seen_by = row.strip("| ").split(" | ")

    assert attack
    assert defence
    assert re.fullmatch(r"(`tests/[\w/]+\.py::\w+`(, )?)+", seen_by)


def test_each_file_that_is_named_is_there() -> None:
    files = [quoted for quoted in QUOTED if re.fullmatch(r"[\w./-]+(\.\w+|/)", quoted) and "/" in quoted]
    links = re.findall(r"\]\(([^)]+)\)", TEXT)

    assert files
    assert [file for file in files if not file.startswith("/") and not (ROOT / file).exists()] == []
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def options(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        yield from (*parameter.opts, *parameter.secondary_opts)


def test_each_option_setting_target_and_figure_that_is_named_is_there(serve: Serve) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    told = serve().get("/metrics").text

    assert {word for quoted in QUOTED for word in quoted.split() if word.startswith("--")} <= {
        *options(backend)
    }
    assert {quoted for quoted in QUOTED if re.fullmatch(r"backend\.\w+", quoted)} <= kinds().keys()
    assert {quoted.removeprefix("make ") for quoted in QUOTED if quoted.startswith("make ")} <= {*targets}
    assert [name for name in QUOTED if name.startswith("sampler_backend_") and name not in told] == []


def test_each_command_that_is_named_is_there() -> None:
    for words in [quoted.split() for quoted in QUOTED if quoted.startswith("sampler ")]:
        module, _ = COMMANDS[words[1]]
        command = getattr(import_module(module), words[1])
        for word in words[2:]:
            command = command.get_command(command.make_context("", [word], resilient_parsing=True), word)
            assert command, words


def test_the_linter_looks_for_what_bandit_looks_for() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]

    assert "S" in lint["select"]
    assert not [rule for rule in lint["ignore"] if rule.startswith("S") and rule[1:2] in "0123456789"]
    assert not [folder for folder in lint["per-file-ignores"] if folder.startswith("sampler")]
