"""Where harnesses put files: in memory where there is such a place, as a sync costs nothing there."""

import shutil
import tempfile
from atexit import register
from functools import cache
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder with a name of its own is made there


@cache
def folder() -> Path:
    """Give this process's folder, which goes when it ends."""
    made = Path(tempfile.mkdtemp(prefix="sampler-fuzzing-", dir=_MEMORY if _MEMORY.is_dir() else None))
    register(shutil.rmtree, made, ignore_errors=True)
    return made
