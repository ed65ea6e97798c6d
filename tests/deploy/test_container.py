"""The Dockerfile, as far as can be seen without Docker: what it copies is there, what it starts starts."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sampler.backend.command import backend
from tests.backend_process import BackendProcess

ROOT = Path(__file__).parents[2]
LINES = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
STEPS = [tuple(step.split(None, 1)) for step in "\n".join(LINES).replace("\\\n", " ").splitlines() if step]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def all_of(instruction: str) -> list[str]:
    return [rest for name, rest in STEPS if name == instruction]


def copied() -> list[str]:
    """What comes from the repository."""
    copies = [shlex.split(rest) for rest in all_of("COPY") if not rest.startswith("--from=")]
    return [source for *sources, _ in copies for source in sources]


def test_what_is_copied_is_there_and_nothing_else_is_sent_to_docker() -> None:
    everything, *exceptions = [
        line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")
    ]

    assert [source for source in copied() if not (ROOT / source).exists()] == []
    assert everything == "*"
    assert {line.removeprefix("!") for line in exceptions if line.startswith("!")} == set(copied())


def test_the_package_gets_every_file_that_it_is_built_from() -> None:
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"pyproject.toml", PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]}

    assert needed | {*wheel["packages"], *wheel["force-include"]} <= set(copied())


def test_every_package_that_is_installed_has_a_known_hash() -> None:
    installs = [
        part for step in all_of("RUN") for part in step.split("&&") if " install " in part and "pip" in part
    ]

    assert len(installs) == 3
    for install in installs:
        assert "--require-hashes" in install or "--no-deps /wheels/*.whl" in install
    assert set(re.findall(r"-r (\S+)", " ".join(installs))) <= set(copied())


def test_it_serves_on_8080_without_asking_for_a_token_as_its_document_wants() -> None:
    program, group, *options = json.loads(all_of("CMD")[0])

    assert (program, group) == ("sampler", "backend")
    chosen = backend.make_context("backend", options).params
    assert (chosen["host"], chosen["port"], chosen["open"]) == ("0.0.0.0", 8080, True)
    assert all_of("EXPOSE") == ["8080"]


def test_it_runs_as_nobody_in_particular_and_keeps_its_state_in_a_volume() -> None:
    (user,) = all_of("USER")
    (volume,) = all_of("VOLUME")

    assert all(int(number) > 1000 for number in user.split(":"))
    assert f"STATE_DIRECTORY={volume}" in all_of("ENV")[0]
    assert f"install -d -o sampler -g sampler -m 700 {volume}" in " ".join(all_of("RUN"))


def test_its_base_is_the_python_that_the_tests_run_on() -> None:
    for image in all_of("FROM"):
        assert image.split()[0] == "python:3.11-slim-bookworm"


@pytest.mark.real
def test_its_health_is_what_healthz_says(tmp_path: Path) -> None:
    _, python, check, code = re.split(r'CMD \["|", +"|"\]', all_of("HEALTHCHECK")[0])[:4]
    assert (python, check) == ("python", "-c")
    with BackendProcess(tmp_path) as running:
        command = [sys.executable, "-c", code.replace("8080", str(running.port))]
        healthy = subprocess.run(command, check=False).returncode
        running.stop()
        gone = subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode

    assert (healthy, gone) == (0, 1)
