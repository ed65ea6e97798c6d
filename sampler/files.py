"""What both wings do with files so that they last."""

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
