"""A device that commands are typed at."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sampler.cli import main
from sampler.device.spool import Spool


@dataclass
class Device:
    """A folder with a spool, which the test fills, and the command line."""

    folder: Path
    spool: Spool

    @property
    def spool_path(self) -> Path:
        return self.folder / "spool.db"

    @property
    def options(self) -> list[str]:
        return ["--set", f"spool.path={self.spool_path}"]

    def type(self, *command: str, stdin: str | bytes = "") -> Result:
        """Type a command, with this device's spool unless it names another; its streams are no terminals."""
        options = [] if "spool.path" in " ".join(command) else self.options
        return CliRunner().invoke(main, [*command, *options], input=stdin)


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Device]:
    for name in [name for name in os.environ if name.startswith("SAMPLER_")]:
        monkeypatch.delenv(name)
    spool = Spool(tmp_path / "spool.db", 262_800)
    yield Device(tmp_path, spool)
    spool.close()
