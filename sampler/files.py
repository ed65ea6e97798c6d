"""What both wings do with files so that they last."""

import os
from pathlib import Path


def sync_directory(path: Path) -> None:
    """Make a new or renamed file in this directory last through a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
