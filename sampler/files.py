"""What is done with files so that they last, and stay their owner's."""

import os
from pathlib import Path


def sync_directory(path: Path) -> None:
    """Make a new or renamed file in this directory last through a power cut."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def sync_file(path: Path) -> None:
    """Make a file's contents last through a power cut."""
    _sync(path, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_private(path: Path) -> bool:
    """Make an empty file that only its owner can read, unless there is one; say whether it did. Raises OSError.

    SQLite gives its files beside a database the database's mode, and would itself let everybody read it.
    """
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        return False
    return True
