"""A damaged spool is set aside and replaced by what is left of it; a crash at any point of this is harmless."""

import fcntl
import logging
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import apsw

from sampler.device.spool.book import Book
from sampler.device.spool.errors import LogBroken, words
from sampler.device.spool.log import log_of
from sampler.device.spool.refusals import Place
from sampler.device.spool.rows import Facts
from sampler.device.spool.salvage import Salvage, Salvaged
from sampler.device.spool.wreck import Wreck
from sampler.measurement import iso
from sampler.volume import Volume

log = logging.getLogger("sampler.spool")

KEPT_ASIDE = 3
"""How many damaged files are kept, the newest."""


def heal(  # noqa: PLR0913, PLR0917 - what the disk knows of its file
    path: Path,
    volume: Volume,
    inode: int,
    why: Exception,
    known: Facts | None,
    unreadable: Collection[Place],
) -> None:
    """Replace the file that has this inode; if another process has done so already, there is nothing to do.

    Raises apsw.Error or OSError where the disk does not take the new file, or refuses to read a place that is not
    known to be unreadable; the old one is untouched then.
    """
    with alone(path):
        if not path.exists() or path.stat().st_ino != inode:
            return
        log.error("%s is damaged (%s); reading what is left of it", path, words(why))
        with Wreck(path, volume, unreadable) as wreck:
            salvaged = _rebuild(path, volume, wreck, why, known)
            # From here on the new file is complete, and its name says what is left to do.
            volume.rename(_beside(path, ".healing"), _beside(path, f".healed-{volume.now():%Y%m%dT%H%M%SZ}"))
            volume.sync_directory(path.parent)
            aside = _put_in_place(path, volume)
        log.error("%s is healed: %s; the damaged file is %s", path, salvaged, aside)


def finish_healing(path: Path, volume: Volume) -> None:
    """Put a healed file in place that a crash has left beside the damaged one."""
    if _healed(path):
        with alone(path):
            _put_in_place(path, volume)


def _rebuild(path: Path, volume: Volume, wreck: Wreck, why: Exception, known: Facts | None) -> Salvaged:
    new = _beside(path, ".healing")
    for leftover in (new, log_of(new)):
        volume.remove(leftover)
    db = apsw.Connection(str(new), vfs=volume.vfs)
    try:
        db.pragma("journal_mode", "off")  # a half-made file is thrown away whole
        db.pragma("synchronous", 0)
        db.pragma("cache_size", -512)
        db.execute("BEGIN")
        # It may be broken beside whatever else is, which was seen first.
        log_broken = isinstance(why, LogBroken) or wreck.log_broken()
        salvaged = Salvage(wreck, db, known).run(log_broken=log_broken)
        book = Book(db)
        note = {"time": iso(volume.now()), "text": f"the spool was damaged ({words(why)}): {salvaged}"}
        book.facts = replace(book.facts, last_error=note)
        db.execute("COMMIT")
        db.pragma("journal_mode", "wal")
    finally:
        db.close()
    os.chown(new, path.stat().st_uid, path.stat().st_gid)
    new.chmod(path.stat().st_mode & 0o777)
    volume.sync_file(new)
    return salvaged


def _put_in_place(path: Path, volume: Volume) -> str:
    """Give the name under which the damaged file is kept."""
    aside = path
    for healed in _healed(path):
        aside = _beside(path, f".damaged-{healed.name.rpartition('-')[2]}")
        if _is_empty(log_of(path)):
            volume.remove(log_of(path))
        # The log first: beside the new file it would be taken for the new file's own.
        for old, new in ((log_of(path), log_of(aside)), (path, aside), (healed, path)):
            if old.exists():
                volume.rename(old, new)
        volume.remove(_beside(path, "-shm"))
    volume.sync_directory(path.parent)
    for old in sorted(path.parent.glob(f"{path.name}.damaged-*Z"))[:-KEPT_ASIDE]:
        volume.remove(old)
        volume.remove(log_of(old))
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
