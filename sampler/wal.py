"""SQLite's write-ahead log, where a sync of it has failed.

What the kernel could not write it forgets to write: it goes on showing the file as it should be, and the next sync
succeeds without it (https://lwn.net/Articles/752063/). SQLite then writes on behind commits that are not on the disk,
or moves them into the database; after a power cut it reads the log up to the gap, over pages that are newer.
"""

from pathlib import Path

import apsw

_PIECE = 64 * 1024
_FLAGS = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_READWRITE


def write_log_again(db: apsw.Connection) -> None:
    """Write what the log of a database holds once more, and sync it: then it is where it seems to be.

    To be done with each connection that writes, before it does. Raises apsw.Error.
    """
    log = Path(db.filename_wal)
    if not log.exists() or not log.stat().st_size:
        return
    db.execute("BEGIN IMMEDIATE")  # nobody else writes meanwhile
    try:
        _write_again(apsw.VFSFile(db.open_vfs, str(log), [_FLAGS, 0]))
    finally:
        db.execute("ROLLBACK")


def _write_again(log: apsw.VFSFile) -> None:
    try:
        size = log.xFileSize()
        for offset in range(0, size, _PIECE):
            if piece := _read(log, min(_PIECE, size - offset), offset):
                log.xWrite(piece, offset)
        log.xSync(apsw.SQLITE_SYNC_NORMAL)
    finally:
        log.xClose()


def _read(log: apsw.VFSFile, amount: int, offset: int) -> bytes:
    try:
        return log.xRead(amount, offset)
    except apsw.IOError:
        return b""  # SQLite may never need what is there; if it does, it will say so
