"""Whether a spool can be at a place at all, and what to do if not."""

import errno
import os
from pathlib import Path

from sampler.device.spool.errors import SpoolMisplaced, SpoolUnavailable
from sampler.volume import Volume

_OPERATORS = {
    errno.EACCES,
    errno.EPERM,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EEXIST,
    errno.ENAMETOOLONG,
    errno.ELOOP,
}


def prepare_place(path: Path, volume: Volume) -> None:
    """Make the directory of a spool. Raises SpoolMisplaced with the cure, or SpoolUnavailable for a failing disk."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        wanted = [path, path.parent] if path.exists() else [path.parent]
    except OSError as error:
        kind = SpoolMisplaced if error.errno in _OPERATORS else SpoolUnavailable
        raise kind(f"{path}: {error.filename}: {error.strerror}; {_CURE}") from error
    if path.is_dir():
        raise SpoolMisplaced(f"{path}: it is a directory; set spool.path to a file in it")
    for place in wanted:
        if not os.access(place, os.W_OK, effective_ids=True) and not volume.read_only(place):
            raise SpoolMisplaced(f"{path}: {place} may not be written by user {os.geteuid()}; {_CURE}")


_CURE = "give this user the directory, or set spool.path to a file in one that it may write"
