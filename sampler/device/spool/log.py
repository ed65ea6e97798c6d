"""Whether the write-ahead log was read to its end.

SQLite takes a log up to the first frame that does not match its checksum: right after a power cut, where only what
was never synced can be torn; wrong after bit rot, where synced commits follow. It tells nobody. Without this look,
those commits would be gone unnoticed, and their sequence numbers be given out a second time.
"""

from pathlib import Path

import apsw

from sampler.device.spool.carve import LOG_HEADER, frames, log_of
from sampler.device.spool.errors import LogBroken

_MAGIC = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")


def check_log(db: apsw.Connection, path: Path) -> None:
    """Raise LogBroken if commits lie behind the point up to which SQLite has read the log. Checkpoints it."""
    log = log_of(path)
    read = None
    while log.exists() and log.stat().st_size > LOG_HEADER and read != _read_to(db):
        read = _read_to(db)
        db.execute("BEGIN IMMEDIATE")
        behind = [commit for commit in _commits(log) if commit > read]
        db.execute("ROLLBACK")
        # One transaction may lie there unfinished: killed, cut or refused before it was told to be done.
        # If the log has moved meanwhile, another process has written: look again.
        if len(behind) > 1 and read == _read_to(db):
            raise LogBroken(f"its log is broken at page {read + 1}, before its end")


def _read_to(db: apsw.Connection) -> int:
    return max(db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)[0], 0)


def _commits(log: Path) -> list[int]:
    """Give the number, from 1, of each frame of the log's present generation that ends a transaction."""
    with log.open("rb") as file:
        head = file.read(LOG_HEADER)
        headers = [header for header, _ in frames(file)]
    salts = head[16:24] if head[:4] in _MAGIC else _commonest([header[8:16] for header in headers])
    return [
        number
        for number, header in enumerate(headers, 1)
        if header[8:16] == salts and header[4:8] != bytes(4)
    ]


def _commonest(salts: list[bytes]) -> bytes:
    return max(set(salts), key=salts.count, default=b"")
