"""What the operator asked for."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DAY_S = 86_400
_SCHEME = "sqlite:///"
_SHARED = ("postgresql://", "postgres://")


class CannotStart(Exception):  # noqa: N818 - it says what happens
    """Something outside is not as the settings need it; the words name the cure. Exit with 1."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The backend's settings; the defaults make a backend that can be trusted."""

    database: str
    """`sqlite:///FILE` or `postgresql://…`, see `database_url`."""
    host: str = "127.0.0.1"
    port: int = 5000
    open: bool | None = None
    """Whether contracts A to D ask for no token; None: on loopback they ask for none."""
    key_file: Path | None = None
    """Where the key that signs logins is; None: `backend.key` in the state directory, made if it is not there."""
    zone: str = "UTC"
    """Of posted times that name no offset."""
    max_body_bytes: int = 10 * 1024 * 1024
    cors: tuple[str, ...] = ()
    """Origins whose pages may ask."""
    keys_kept_s: int = 7 * DAY_S
    """How long a repetition under the same Idempotency-Key gets the first answer again."""
    receipts: int = 10_000
    """How many refusals are kept, the newest."""
    receipts_kept_s: int = 30 * DAY_S
    keep: Mapping[str, int] = field(default_factory=dict)
    """How many seconds the readings of a sensor are kept; the empty name stands for all others; not there: for ever."""
    output_file: Path | None = None
    fail_rate: float = 0.0
    fail_after: float = 0.0
    seed: int | None = None

    @property
    def wants_tokens(self) -> bool:
        """Whether contracts A to D are closed to those without a token."""
        return not (is_loopback(self.host) if self.open is None else self.open)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def database_url(url: str) -> str:
    """Give the URL back if it names a database that we can use; raises ValueError."""
    if not url.startswith(_SHARED):
        database_path(url)
    return url


def is_shared(url: str) -> bool:
    """Whether several instances may use the database at once: PostgreSQL."""
    return url.startswith(_SHARED)


def database_path(url: str) -> Path:
    """Give the file that `sqlite:///FILE` names (four slashes for an absolute one); raises ValueError."""
    name = url.removeprefix(_SCHEME)
    if name == url or not name or name.startswith(":") or "?" in name:
        # Without the URL: one that was written wrong may hold a password all the same.
        raise ValueError(
            "it names no database: write sqlite:///backend.db or sqlite:////var/lib/sampler/backend.db, "
            "or postgresql://USER@HOST/DATABASE"
        )
    return Path(name)


def state_directory() -> Path:
    """Name the folder for what is to stay: systemd's, else the user's."""
    state = os.environ.get("STATE_DIRECTORY")
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) if state else Path(home, "sampler")


def default_database_url() -> str:
    """Name the file in the state directory."""
    return f"{_SCHEME}{state_directory() / 'backend.db'}"
