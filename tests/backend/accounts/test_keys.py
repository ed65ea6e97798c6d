"""The file of keys: made once, kept from others, read as it is."""

import os
import threading
from pathlib import Path

import pytest

from sampler.backend.accounts.keys import Keys, read_keys
from sampler.backend.settings import CannotStart, Settings

A, B = "a" * 43, "B" * 64


def keys(path: Path) -> Keys:
    return read_keys(Settings("sqlite:///unused.db", key_file=path))


def write(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_the_first_start_makes_a_key_that_only_the_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "backend.key"

    made = keys(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert len(made.signing.secret) == 43  # 32 bytes in base64
    assert list(path.parent.iterdir()) == [path]


def test_it_lies_in_the_state_directory_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))

    read_keys(Settings("sqlite:///unused.db"))

    assert (tmp_path / "backend.key").exists()


def test_later_starts_use_the_same_key(tmp_path: Path) -> None:
    assert keys(tmp_path / "k") == keys(tmp_path / "k")


def test_two_keys_are_never_the_same(tmp_path: Path) -> None:
    assert keys(tmp_path / "one") != keys(tmp_path / "other")


def test_those_who_start_at_the_same_moment_agree_on_one_key(tmp_path: Path) -> None:
    together, found = threading.Barrier(8), []

    def start() -> None:
        together.wait()
        found.append(keys(tmp_path / "k"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1
    assert list(tmp_path.iterdir()) == [tmp_path / "k"]


def test_the_first_of_several_signs_and_all_are_known_by_name(tmp_path: Path) -> None:
    found = keys(write(tmp_path / "k", f"# newest first\n\n{B}\n{A}\n"))

    assert [key.secret.decode() for key in found.all] == [B, A]
    assert found.signing.secret.decode() == B
    assert [found.named(key.name) for key in found.all] == list(found.all)
    assert found.named("another") is None
    assert found.named(None) is None


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604, 0o620, 0o700 | 0o040 | 0o004])
def test_a_file_that_others_can_use_is_refused_with_the_cure(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path / "k", A, mode)

    with pytest.raises(CannotStart, match=f"so others can use its keys: chmod 600 {path}"):
        keys(path)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_that_only_its_owner_can_use_is_fine(tmp_path: Path, mode: int) -> None:
    assert keys(write(tmp_path / "k", A, mode)).signing.secret.decode() == A


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_group_may_read_it_only_if_it_is_roots(tmp_path: Path) -> None:
    path = write(tmp_path / "k", A, 0o640)
    assert keys(path)

    os.chown(path, 65534, 65534)
    with pytest.raises(CannotStart, match="has the mode 640"):
        keys(path)


@pytest.mark.parametrize("text", ["", "\n# nothing\n"])
def test_a_file_without_a_key_is_refused_with_the_cure(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "k", text)

    with pytest.raises(CannotStart, match=f"holds no key: write one with: openssl rand -hex 32 > {path}"):
        keys(path)


@pytest.mark.parametrize("line", ["a" * 42, "a" * 513, "a" * 43 + "!", "a " * 30, "ä" * 43, "\0" * 43])
def test_a_line_that_is_no_key_is_refused_and_not_told(tmp_path: Path, line: str) -> None:
    with pytest.raises(CannotStart, match="is no key of 43 to 512 characters") as refused:
        keys(write(tmp_path / "k", f"{A}\n{line}\n"))

    assert line not in str(refused.value)


def test_a_folder_in_its_place_is_refused_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"cannot be used: .* name another with --key-file"):
        keys(tmp_path)


def test_a_body_is_recognised_only_by_those_who_have_the_key(tmp_path: Path) -> None:
    one, other = keys(tmp_path / "one"), keys(tmp_path / "other")

    assert one.fingerprint(b"secret") == one.fingerprint(b"secret")
    assert one.fingerprint(b"secret") != one.fingerprint(b"Secret")
    assert one.fingerprint(b"secret") != other.fingerprint(b"secret")
