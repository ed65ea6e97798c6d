"""What the operator asked for."""

import os
from dataclasses import dataclass
from pathlib import Path

_SCHEME = "sqlite:///"


class CannotStart(Exception):  # noqa: N818 - it says what happens
    """Something outside is not as the settings need it; the words name the cure. Exit with 1."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The backend's settings; the defaults make a backend that can be trusted."""

    database: Path
    host: str = "127.0.0.1"
    port: int = 5000
    output_file: Path | None = None
    fail_rate: float = 0.0
    fail_after: float = 0.0
    seed: int | None = None


def database_path(url: str) -> Path:
    """Give the file that `sqlite:///FILE` names (four slashes for an absolute one); raises ValueError."""
    name = url.removeprefix(_SCHEME)
    if name == url or not name or name.startswith(":") or "?" in name:
        raise ValueError(
            f"{url!r} names no file: write sqlite:///backend.db or sqlite:////var/lib/sampler/backend.db"
        )
    return Path(name)


def default_database_url() -> str:
    """Name the file in the state directory: systemd's, else the user's."""
    state = os.environ.get("STATE_DIRECTORY") or Path(
        os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state", "sampler"
    )
    return f"{_SCHEME}{Path(state) / 'backend.db'}"
