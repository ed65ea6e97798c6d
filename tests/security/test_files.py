"""Who can read the files that are made, and what links in their places lead to: with the usual umask, 022."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sampler.backend.commands.whole_file import whole_file
from sampler.backend.store.opening import open_store
from sampler.device.config import BackendConfig, Config, warnings
from sampler.device.lock import SpoolLock
from tests.backend.backups.typing_commands import done


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """Somebody's file, to which the links lead."""
    path = tmp_path / "letter"
    path.write_text("Dear all")
    path.chmod(0o644)
    return path


def test_a_database_is_for_its_owners_eyes_and_so_are_the_files_beside_it(tmp_path: Path) -> None:
    with contextlib.closing(open_store(f"sqlite:///{tmp_path}/state/backend.db")) as store, store.writing():
        assert modes(tmp_path / "state") == dict.fromkeys(
            ("backend.db", "backend.db-wal", "backend.db-shm"), 0o600
        )


def test_a_database_that_others_may_read_by_the_operators_will_stays_so(tmp_path: Path) -> None:
    (tmp_path / "backend.db").touch(mode=0o640)
    open_store(f"sqlite:///{tmp_path}/backend.db").close()

    assert modes(tmp_path) == {"backend.db": 0o640}


def test_what_is_restored_is_for_its_owners_eyes(tmp_path: Path) -> None:
    origin = f"sqlite:///{tmp_path}/origin.db"
    open_store(origin).close()
    done("backup", tmp_path / "backup.db", database=origin)
    done("restore", tmp_path / "backup.db", database=f"sqlite:///{tmp_path}/restored/backend.db")

    assert modes(tmp_path / "restored") == {"backend.db": 0o600}


def test_a_backup_or_export_is_not_written_through_a_link(tmp_path: Path, letter: Path) -> None:
    (tmp_path / "backup.db.part").symlink_to(letter)

    with pytest.raises(OSError, match="symbolic links"), whole_file(tmp_path / "backup.db"):
        pytest.fail("it was opened")

    assert letter.read_text() == "Dear all"
    assert modes(tmp_path)["letter"] == 0o644


def test_the_lock_of_a_spool_is_not_written_through_a_link(tmp_path: Path, letter: Path) -> None:
    (tmp_path / "spool.db.lock").symlink_to(letter)

    with SpoolLock(tmp_path / "spool.db"):
        assert letter.read_text() == "Dear all"


@pytest.mark.parametrize("key", ["token_file", "key_file"])
def test_a_secret_that_everybody_can_read_is_doubted(tmp_path: Path, key: str) -> None:
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    config = Config(backend=BackendConfig(cert_file=Path("cert.pem"), url="https://x", **{key: secret}))  # type: ignore[arg-type]
    assert warnings(config) == []

    secret.chmod(0o644)
    assert warnings(config) == [
        f"backend.{key}: everybody on this machine can read {secret}; chmod 600 {secret}"
    ]
