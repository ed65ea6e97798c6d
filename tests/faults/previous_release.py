"""The release before this version, installed apart: its daemon and its backend, on this version's libraries."""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

DAEMON = "c6e6daf0279728ce878add119567758b1c4e430d"
"""The daemon was whole here, and the backend began to be more than contract A."""
BACKEND = "a7d57c8b8e0549337e5dcecf405b65751e9e27f2"
"""The first revision with all tables of the five contracts.

Nothing has been released yet, so these two stand for a release. When there is a tag, both become its name: `v0.1.0`.
"""
_ROOT = Path(__file__).parents[2]


def installed(revision: str, folder: Path) -> Mapping[str, str]:
    """Put a revision's package into the folder; give the environment in which Python takes it from there."""
    kept = subprocess.run(
        ["git", "archive", revision, "sampler"], cwd=_ROOT, capture_output=True, check=False
    )
    if kept.returncode:
        pytest.skip(
            f"needs the history down to {revision[:7]}, as a full clone has it: {kept.stderr.decode()}"
        )
    with tarfile.open(fileobj=io.BytesIO(kept.stdout)) as archive:
        archive.extractall(folder, filter="data")
    # Without the second, the package in the folder where the tests run would come first.
    environ = {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-c", "import sampler; print(sampler.__file__)"]
    found = subprocess.run(command, env=os.environ | environ, capture_output=True, text=True, check=True)
    assert found.stdout.startswith(str(folder)), found.stdout
    return environ
