"""The keys that sign logins: a file of lines, the first signs, all of them are believed."""

import contextlib
import hashlib
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from sampler.backend.settings import CannotStart, Settings, state_directory
from sampler.files import sync_directory

_BYTES = 32
_FORM = re.compile(r"[A-Za-z0-9+/_=-]{43,512}", re.ASCII)  # 32 bytes in base64 have 43 characters, in hex 64
_MAX_FILE_BYTES = 64 * 1024
_CURE = "write one with: openssl rand -hex 32 > {path} && chmod 600 {path}"


@dataclass(frozen=True, slots=True)
class Key:
    """A secret shared by all instances of a backend."""

    secret: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """What tokens call it (`kid`): tells nothing of the secret, which has 256 bits."""
        return hashlib.sha256(b"name of a key\0" + self.secret).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Keys:
    """At least one key. To change them: put a new line first, and take the old one away when its tokens have ended."""

    all: tuple[Key, ...]

    @property
    def signing(self) -> Key:
        """The one that signs."""
        return self.all[0]

    def named(self, name: object) -> Key | None:
        """Give the key that a token names, None if it is none of ours."""
        return next((key for key in self.all if key.name == name), None)

    def fingerprint(self, body: bytes) -> bytes:
        """Give what makes a body recognisable to us alone: a password in it cannot be guessed from that."""
        return hmac.digest(self.signing.secret, b"fingerprint\0" + body, "sha256")


def read_keys(settings: Settings) -> Keys:
    """Read the key file, which is made if it is not there. Raises CannotStart."""
    path = settings.key_file or state_directory() / "backend.key"
    try:
        with contextlib.suppress(FileExistsError):
            _make(path)
        return _read(path)
    except OSError as error:
        raise CannotStart(f"the key file cannot be used: {error}; name another with --key-file") from error


def _make(path: Path) -> None:
    """Write a new key, all of it at once, so that whoever starts at the same moment reads it whole."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(_BYTES) + "\n")
            file.flush()
            os.fsync(descriptor)
        os.link(draft, path)  # which, unlike a rename, replaces nothing
    finally:
        draft.unlink()
    sync_directory(path.parent)


def _read(path: Path) -> Keys:
    with path.open("rb") as file:
        _refuse_if_others_can_read(path, os.fstat(file.fileno()))
        text = file.read(_MAX_FILE_BYTES).decode("ascii", "replace")
    lines = [line.strip() for line in text.splitlines()]
    found = tuple(Key(_checked(path, line).encode()) for line in lines if line and not line.startswith("#"))
    if not found:
        raise CannotStart(f"{path} holds no key: {_CURE.format(path=path)}")
    return Keys(found)


def _refuse_if_others_can_read(path: Path, status: os.stat_result) -> None:
    # A file of root's may be readable by its group, as PostgreSQL has it for its keys: so Kubernetes and systemd hand
    # secrets to a service that is not root.
    allowed = 0o640 if status.st_uid == 0 else 0o600
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o777 & ~allowed & ~0o100:
        raise CannotStart(
            f"{path} has the mode {mode:o}, so others can use its keys: chmod 600 {path}, "
            "and write new keys into it if somebody may have read it"
        )


def _checked(path: Path, line: str) -> str:
    if not _FORM.fullmatch(line):
        raise CannotStart(
            f"{path} holds a line that is no key of 43 to 512 characters (A-Z a-z 0-9 + / - _ =): "
            + _CURE.format(path=path)
        )
    return line
