"""What docs/operations.md tells an operator to type and to watch, as far as it can be looked up."""

import re
import shlex
from pathlib import Path

import pytest

from sampler.backend.command import backend
from tests.backend.conftest import Serve

TEXT = (Path(__file__).parents[2] / "docs/operations.md").read_text()
LINES = [line for block in re.findall(r"^```sh\n(.*?)^```", TEXT, re.M | re.S) for line in block.splitlines()]
COMMANDS = [line.partition("sampler backend ")[2] for line in LINES if "sampler backend " in line]


def test_every_figure_to_watch_is_told_to_prometheus(serve: Serve) -> None:
    named = set(re.findall(r"sampler_backend_\w+", TEXT))
    told = serve().get("/metrics").text

    assert named
    assert [
        name for name in named if not re.search(rf"^# TYPE {name.removesuffix('_bucket')}", told, re.M)
    ] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_the_options_that_are_typed(command: str) -> None:
    words = shlex.split(command, comments=True)
    found = backend.get_command(backend.make_context("backend", [words[0]]), words[0])
    while found and hasattr(found, "commands"):
        words = words[1:]
        found = found.commands[words[0]]

    assert found
    known = {name for parameter in found.params for name in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= known
