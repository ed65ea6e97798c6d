"""SQLite's write-ahead log, where a sync of it has failed.

What the kernel could not write it forgets to write: it goes on showing the file as it should be, and the next sync
succeeds without it (https://lwn.net/Articles/752063/). SQLite then writes on behind commits that are not on the disk,
or moves them into the database; after a power cut it reads the log up to the gap, over pages that are newer.
"""

from pathlib import Path

import apsw

from sampler.raw import Raw
from sampler.volume import Volume

_PIECE = 64 * 1024


def write_log_again(db: apsw.Connection, volume: Volume) -> None:
    """Write what the log of a database holds once more, and sync it: then it is where it seems to be.

    To be done with each connection that writes, before it does. Raises apsw.Error or OSError.
    """
    log = Path(db.filename_wal)
    if not log.exists() or not log.stat().st_size:
        return
    db.execute("BEGIN IMMEDIATE")  # nobody else writes meanwhile
    try:
        with volume.raw(log, writable=True) as raw:
            _write_again(raw)
    finally:
        db.execute("ROLLBACK")


def _write_again(raw: Raw) -> None:
    size = raw.size
    for at in range(0, size, _PIECE):
        raw.write(raw.read(min(_PIECE, size - at), at), at)
    raw.sync()
