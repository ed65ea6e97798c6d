"""The write-ahead log beside the spool's file, and whether it was read to its end.

SQLite takes a log up to the first frame that does not match its checksum: right after a power cut, where only the
last transaction can be torn, which nobody was told to be done; wrong after bit rot, where synced commits follow. It
tells nobody. Without this look, those commits would be gone unnoticed, and their numbers be given out a second time.

Format: https://sqlite.org/fileformat2.html, sections 4.1 and 4.2.
"""

import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

import apsw

from sampler.device.spool.errors import LogBroken
from sampler.device.spool.schema import PAGE
from sampler.raw import Bytes, pieces
from sampler.volume import Volume
from sampler.wal import write_log_again

_MAGIC = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
_HEADER, _FRAME_HEADER = 32, 24
_PAIR = struct.Struct(">2I")
_GENERATIONS = 1_000_000
"""More than a log has in a century; of random bytes one in four thousand looks like one of them."""


def log_of(path: Path) -> Path:
    """Name the write-ahead log of a file."""
    return path.with_name(f"{path.name}-wal")


def frames(log: Bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give what was logged since the log was last begun anew: each frame's header and page, oldest first."""
    salts = _salts(log)
    for header, page in _all_frames(log):
        if header[8:16] == salts:
            yield header, page


def check_log(db: apsw.Connection, path: Path, volume: Volume) -> bool:
    """Tell whether the log's last transaction is torn; checkpoint the others. Raises LogBroken if more than it is."""
    write_log_again(db, volume)
    read, behind = 0, 0
    # A log that another process is moving to the file right now is one that it has read.
    with suppress(apsw.BusyError):
        read, behind = _behind(db, log_of(path), volume)
    if behind > 1:
        raise LogBroken(f"its log is broken after page {read}, before its end")
    return behind == 1


def unread(log: Bytes) -> int:
    """Give how many transactions lie behind the place up to which SQLite reads the log, without asking it."""
    header, salts = _header(log), _salts(log)
    reads = _is_whole(header)
    sums = _PAIR.unpack(header[24:]) if reads else (0, 0)
    headers: list[bytes] = []
    read = 0
    for frame, page in _all_frames(log):
        if reads and (reads := frame[8:16] == salts):
            sums = _checksum(frame[:8] + page, sums, header)
            reads = frame[16:] == _PAIR.pack(*sums)
        headers.append(frame)
        if reads and _ends(frame):
            read = len(headers)
    return _transactions(headers[read:], salts)


def _behind(db: apsw.Connection, log: Path, volume: Volume) -> tuple[int, int]:
    """Give the frame up to which SQLite has read the log, and how many transactions lie behind it."""
    read, behind = -1, 0
    # If the log has moved meanwhile, another process has written: look again.
    while log.exists() and log.stat().st_size > _HEADER and read != _read_to(db):
        read = _read_to(db)
        db.execute("BEGIN IMMEDIATE")
        with volume.raw(log) as raw:
            headers = [header for header, _ in islice(_all_frames(raw), read, None)]
            behind = _transactions(headers, _salts(raw))
        db.execute("ROLLBACK")
    return read, behind


def _transactions(headers: Sequence[bytes], salts: bytes) -> int:
    """Count what these frames are of, as far as they are of the log's present generation."""
    places = [place for place, header in enumerate(headers) if header[8:16] == salts]
    count = sum(_ends(headers[place]) for place in places)
    if not places or _ends(headers[places[-1]]):
        return count
    # Without an end it was never told to be done; unless what follows it, and is no frame, was its end.
    follows = headers[places[-1] + 1 :][:1]
    return count + any(not _is_older(header, salts) for header in follows)


def _ends(header: bytes) -> bool:
    """Tell whether a frame is the last of its transaction."""
    return header[4:8] != bytes(4)


def _is_older(header: bytes, salts: bytes) -> bool:
    """Tell whether a frame is of an earlier generation of the log: the first salt counts them, the other is drawn."""
    (now, drawn), (then, other) = _PAIR.unpack(salts), _PAIR.unpack(header[8:16])
    return bool(0 < (now - then) & 0xFFFFFFFF <= _GENERATIONS and drawn != other)


def _read_to(db: apsw.Connection) -> int:
    return max(db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)[0], 0)


def _all_frames(log: Bytes) -> Iterator[tuple[bytes, bytes]]:
    for frame in pieces(log, _FRAME_HEADER + PAGE, _HEADER):
        yield frame[:_FRAME_HEADER], frame[_FRAME_HEADER:]


def _header(log: Bytes) -> bytes:
    return log.read(_HEADER, 0)


def _salts(log: Bytes) -> bytes:
    """Give what marks the frames of the log's present generation; those of earlier ones lie behind them."""
    header = _header(log)
    if _is_whole(header):
        return header[16:24]
    seen = Counter(header[8:16] for header, _ in _all_frames(log))
    # The first salt counts the generations; a frame alone with its salts may be a damaged one.
    return max((salts for salts in seen if seen[salts] > 1), default=b"")


def _is_whole(header: bytes) -> bool:
    """Tell whether the log's header matches its own checksum: SQLite takes nothing of a log whose header does not."""
    if header[:4] not in _MAGIC:
        return False
    return header[24:] == _PAIR.pack(*_checksum(header[:24], (0, 0), header))


def _checksum(data: bytes, before: tuple[int, int], header: bytes) -> tuple[int, int]:
    """Add up pairs of words, in the order of bytes that the log's header names."""
    one, two = before
    words = struct.unpack(f"{'>' if header[3] % 2 else '<'}{len(data) // 4}I", data)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two
