"""The command line as a whole."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from sampler.cli import COMMANDS, main

BACKLOG = [["backlog", name] for name in ("list", "retry", "export", "drop")]
EVERY_COMMAND = [[], *([name] for name in COMMANDS), *BACKLOG]


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=lambda command: " ".join(command) or "sampler")
def test_every_command_explains_itself_with_examples(command):
    told = CliRunner().invoke(main, [*command, "--help"])
    assert told.exit_code == 0
    assert f"\n  Examples:\n    sampler {' '.join(command)}" in told.output


@pytest.mark.parametrize("command", [["run"], ["check"], ["status"], *BACKLOG, ["verify"], ["replay"]])
def test_every_command_of_the_device_can_be_configured(command):
    told = CliRunner().invoke(main, [*command, "--help"])
    assert "--config FILE" in told.output
    assert "--set SECTION.KEY=VALUE" in told.output


def test_the_commands_are_listed_in_the_order_of_their_use():
    listed = CliRunner().invoke(main, ["--help"]).output.partition("Commands:\n")[2].partition("\n\n")[0]
    assert [line.split()[0] for line in listed.splitlines()] == list(COMMANDS)
    assert "..." not in listed


def test_the_commands_of_the_backlog_are_listed_in_whole_sentences():
    listed = CliRunner().invoke(main, ["backlog", "--help"]).output.partition("Commands:\n")[2]
    assert "..." not in listed.partition("\n\n")[0]


def test_the_version_is_the_package_s():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert CliRunner().invoke(main, ["--version"]).output == f"sampler, version {project['version']}\n"


def test_a_mistyped_command_is_told_what_was_meant():
    told = CliRunner().invoke(main, ["staus"], prog_name="sampler")
    assert told.exit_code == 2
    assert told.output == (
        "Usage: sampler [OPTIONS] COMMAND [ARGS]...\n"
        "Try 'sampler --help' for help.\n\n"
        "Error: No such command 'staus'. Did you mean 'status'?\n"
    )


def test_a_command_like_no_other_is_refused():
    told = CliRunner().invoke(main, ["fly"])
    assert told.exit_code == 2
    assert told.output.endswith("Error: No such command 'fly'.\n")


def test_a_mistyped_option_is_told_what_was_meant():
    told = CliRunner().invoke(main, ["status", "--jsno"])
    assert told.exit_code == 2
    assert told.output.endswith("Error: No such option '--jsno'. Did you mean '--json'?\n")


@pytest.mark.real
@pytest.mark.parametrize("command", [["--help"], ["status"], ["verify", "--json"], ["backlog", "list"]])
def test_an_output_that_cannot_be_written_is_told_without_a_trace(command, device):
    device.spool.check()
    options = device.options if command[0] != "--help" else []
    with Path("/dev/full").open("wb") as full:
        run = [sys.executable, "-m", "sampler.cli", *command, *options]
        told = subprocess.run(run, check=False, stdout=full, stderr=subprocess.PIPE, text=True)
    assert told.returncode == 1
    assert told.stderr == "Error: the output cannot be written: No space left on device\n"


def loaded_by(script: str) -> set[str]:
    command = [sys.executable, "-c", f"import sys; {script}; print(*sys.modules)"]
    return set(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split())


def test_the_help_loads_no_command():
    loaded = loaded_by("from sampler.cli import main; main(['--help'], standalone_mode=False)")
    assert not loaded & {"requests", "apsw", "tenacity", "sampler.commands.run", "sampler.backend.command"}


def test_the_daemon_loads_nothing_of_the_backend_or_of_the_other_commands():
    loaded = loaded_by("import sampler.commands.run")
    assert not [name for name in loaded if name.startswith(("sampler.backend", "sampler.commands.check"))]
    assert not loaded & {"asyncio", "msgspec", "litestar", "uvicorn"}
