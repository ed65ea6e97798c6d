"""The daemon's configuration: one frozen value, checked as a whole."""

import os
import socket
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_type_hints
from urllib.parse import urlsplit

from sampler.device.adc import Adc
from sampler.device.limits import EXAMPLE_PATH, Problem, problems, shown

_LIVE = {"backend", "retry", "clock", "log"}


class ConfigError(Exception):
    """Show it to the user and end with exit code 2: it names every problem with its place and cure."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in problems]
        super().__init__(lines[0] if len(lines) == 1 else "\n  ".join([f"{len(lines)} problems:", *lines]))


def host_name() -> str:
    """Give this machine's name, the device's unless it is set."""
    return socket.gethostname()[:64].strip() or "sampler"


def spool_path(environ: Mapping[str, str], *, root: bool) -> Path:
    """Say where the spool is unless it is set: systemd's state directory, the system's or the user's."""
    if states := environ.get("STATE_DIRECTORY"):  # systemd lists several with colons
        return Path(states.split(":")[0], "spool.db")
    state, home = (Path(environ.get(name, "")) for name in ("XDG_STATE_HOME", "HOME"))
    if not root and state.is_absolute():  # its specification says: ignore a relative one
        return state / "sampler/spool.db"
    if not root and home.is_absolute():
        return home / ".local/state/sampler/spool.db"
    return Path("/var/lib/sampler/spool.db")


@dataclass(frozen=True, slots=True)
class SensorConfig:
    """Where readings come from. A code that stays the same for `stuck_s` is suspected."""

    name: str = field(default_factory=host_name)
    source: Literal["file", "iio"] = "file"
    path: Path = EXAMPLE_PATH
    at_end: Literal["wrap", "stop", "follow"] = "wrap"
    period_s: float = 0.1
    stuck_s: float = 600.0


@dataclass(frozen=True, slots=True)
class WindowConfig:
    """How readings become measurements; `length_s` is a whole multiple of `sensor.period_s`."""

    length_s: float = 120.0
    align: Literal["start", "utc"] = "start"
    journal_s: float = 10.0


@dataclass(frozen=True, slots=True)
class BackendConfig:
    """Where measurements go. `url` may have a path, and may end with a slash."""

    url: str = "http://localhost:5000"
    timeout_s: float = 10.0
    average_key: Literal["auto", "average", "avg", "both"] = "auto"
    quality: bool = False
    token_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    proxy: str = ""
    """Empty for none, `environment` for the environment's, or a proxy's address."""

    @property
    def is_plain(self) -> bool:
        """Whether a listener on the network could read what is sent."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        loopback = host in {"localhost", "::1"} or (
            host.startswith("127.") and host.replace(".", "").isdigit()
        )
        return parts.scheme == "http" and not loopback


@dataclass(frozen=True, slots=True)
class RetryConfig:
    """How often one request is tried in an interval, and the back-off between the tries, in s."""

    attempts: int = 3
    wait_s: float = 1.0
    wait_max_s: float = 30.0


@dataclass(frozen=True, slots=True)
class SpoolConfig:
    """What survives, and how much of it."""

    path: Path = field(default_factory=lambda: spool_path(os.environ, root=os.geteuid() == 0))
    max_measurements: int = 262_800


@dataclass(frozen=True, slots=True)
class ClockConfig:
    """How long windows are held back for a clock that is not set yet, in s."""

    wait_s: float = 600.0


@dataclass(frozen=True, slots=True)
class LogConfig:
    """What is logged, and in which form."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "human", "journald", "json"] = "auto"


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set. Raises ConfigError, naming all impossible values at once."""

    sensor: SensorConfig = field(default_factory=SensorConfig)
    adc: Adc = field(default_factory=Adc)
    window: WindowConfig = field(default_factory=WindowConfig)
    backend: BackendConfig = field(default_factory=BackendConfig)
    retry: RetryConfig = field(default_factory=RetryConfig)
    spool: SpoolConfig = field(default_factory=SpoolConfig)
    clock: ClockConfig = field(default_factory=ClockConfig)
    log: LogConfig = field(default_factory=LogConfig)

    def __post_init__(self) -> None:
        if found := problems(flat(self)):
            raise ConfigError(found)


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that another configuration has otherwise."""

    key: str
    old: object
    new: object

    @property
    def live(self) -> bool:
        """Whether a running daemon can take it; otherwise it counts from the next start."""
        return self.key.split(".")[0] in _LIVE

    def __str__(self) -> str:
        later = "" if self.live else " (from the next start)"
        return f"{self.key}: {shown(self.old)} → {shown(self.new)}{later}"


def changes(old: Config, new: Config) -> list[Change]:
    """List what differs, in the order of the sections."""
    before, after = flat(old), flat(new)
    return [Change(key, before[key], after[key]) for key in before if before[key] != after[key]]


def warnings(config: Config) -> list[str]:
    """Name what is possible and still doubtful, each with the cure; for `sampler check` and the start."""
    backend = config.backend
    doubts = []
    if backend.token_file and backend.is_plain:
        doubts.append(
            "backend.token_file: the token travels unencrypted; give backend.url an https:// address"
        )
    if backend.url.startswith("http:") and (backend.ca_file or backend.cert_file):
        doubts.append("backend.ca_file, cert_file: unused with http://; give backend.url an https:// address")
    secrets = {"token_file": backend.token_file, "key_file": backend.key_file}
    doubts += [
        f"backend.{key}: everybody on this machine can read {file}; chmod 600 {file}"
        for key, file in secrets.items()
        if file and _is_for_everybody(file)
    ]
    return doubts


def _is_for_everybody(file: Path) -> bool:
    with suppress(OSError):  # who needs it will say that it is not there
        return bool(file.stat().st_mode & stat.S_IROTH)
    return False


def flat(config: Config) -> dict[str, Any]:
    """Give every setting by its full name: `{"sensor.name": …, …}`."""
    return {key: getattr(getattr(config, key.split(".")[0]), key.split(".")[1]) for key in kinds()}


def unflat(values: Mapping[str, Any]) -> Config:
    """Build the configuration from every setting by its full name; raises ConfigError as Config does."""
    sections: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        section, key = name.split(".")
        sections.setdefault(section, {})[key] = value
    hints = get_type_hints(Config)
    return Config(**{section: hints[section](**keys) for section, keys in sections.items()})


@cache
def kinds() -> dict[str, Any]:
    """Give every setting's type by its full name."""
    sections = get_type_hints(Config)
    return {
        f"{section.name}.{key}": kind
        for section in fields(Config)
        for key, kind in get_type_hints(sections[section.name]).items()
    }
