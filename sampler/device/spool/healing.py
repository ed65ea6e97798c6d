"""A damaged spool is set aside and replaced by what is left of it; a crash at any point of this is harmless."""

import errno
import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import apsw

from sampler.device.spool.book import Book
from sampler.device.spool.errors import LogBroken, words
from sampler.device.spool.log import log_of
from sampler.device.spool.rows import Facts
from sampler.device.spool.salvage import Salvage, Salvaged
from sampler.device.spool.wreck import Wreck
from sampler.files import sync_directory
from sampler.measurement import iso

log = logging.getLogger("sampler.spool")

KEPT_ASIDE = 3
"""How many damaged files are kept, the newest."""


def heal(path: Path, inode: int, why: Exception, known: Facts | None) -> None:
    """Replace the file that has this inode; if another process has done so already, there is nothing to do.

    Raises apsw.Error or OSError where the disk does not take the new file; the old one is untouched then.
    """
    with alone(path):
        if not path.exists() or path.stat().st_ino != inode:
            return
        now = datetime.now(UTC)
        log.error("%s is damaged (%s); reading what is left of it", path, words(why))
        with Wreck(path) as wreck:
            salvaged = _rebuild(path, wreck, why, known, now)
            if salvaged.blank and wreck.failing:
                raise OSError(errno.EIO, "the disk does not let itself be read")  # no reason to begin anew
            # From here on the new file is complete, and its name says what is left to do.
            _beside(path, ".healing").rename(_beside(path, f".healed-{now:%Y%m%dT%H%M%SZ}"))
            sync_directory(path.parent)
            aside = _put_in_place(path)
        log.error("%s is healed: %s; the damaged file is %s", path, salvaged, aside)


def finish_healing(path: Path) -> None:
    """Put a healed file in place that a crash has left beside the damaged one."""
    if _healed(path):
        with alone(path):
            _put_in_place(path)


def _rebuild(path: Path, wreck: Wreck, why: Exception, known: Facts | None, now: datetime) -> Salvaged:
    new = _beside(path, ".healing")
    for leftover in (new, log_of(new)):
        leftover.unlink(missing_ok=True)
    db = apsw.Connection(str(new))
    try:
        db.pragma("journal_mode", "off")  # a half-made file is thrown away whole
        db.pragma("synchronous", 0)
        db.pragma("cache_size", -512)
        db.execute("BEGIN")
        salvaged = Salvage(wreck, db, known).run(log_broken=isinstance(why, LogBroken))
        book = Book(db)
        note = {"time": iso(now), "text": f"the spool was damaged ({words(why)}): {salvaged}"}
        book.facts = replace(book.facts, last_error=note)
        db.execute("COMMIT")
        db.pragma("journal_mode", "wal")
    finally:
        db.close()
    os.chown(new, path.stat().st_uid, path.stat().st_gid)
    new.chmod(path.stat().st_mode & 0o777)
    sync_file(new)
    return salvaged


def _put_in_place(path: Path) -> str:
    """Give the name under which the damaged file is kept."""
    aside = path
    for healed in _healed(path):
        aside = _beside(path, f".damaged-{healed.name.rpartition('-')[2]}")
        if _is_empty(log_of(path)):
            log_of(path).unlink()
        # The log first: beside the new file it would be taken for the new file's own.
        for old, new in ((log_of(path), log_of(aside)), (path, aside), (healed, path)):
            if old.exists():
                old.rename(new)
        _beside(path, "-shm").unlink(missing_ok=True)
    sync_directory(path.parent)
    for old in sorted(path.parent.glob(f"{path.name}.damaged-*Z"))[:-KEPT_ASIDE]:
        old.unlink()
        log_of(old).unlink(missing_ok=True)
    return aside.name


def _healed(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.healed-*"))


def _is_empty(file: Path) -> bool:
    return file.exists() and file.stat().st_size == 0


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other processes from healing meanwhile: they wait."""
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make a file's contents last through a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
