"""One daemon for each spool: a lock that the kernel lets go when its holder ends, however it ends."""

import contextlib
import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_PROBES = 5
_PROBE_S = 0.02


class SpoolLocked(Exception):  # noqa: N818 - reads as a sentence where it is caught
    """Another daemon has this spool. Do not start; its text says what to do."""


class SpoolLock:
    """The right to be a spool's only daemon, held from `acquire` to `release` or the end of the process."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def acquire(self) -> None:
        """Take the right. Raises SpoolLocked, naming the process that has it.

        Where no lock file can be made (read-only or full disk) it carries on without: sampling matters more.
        """
        descriptor = _open(self._spool)
        if descriptor is None:
            return
        if not _taken(descriptor):
            pid = _pid(descriptor) or "of unknown number"
            os.close(descriptor)
            raise SpoolLocked(
                f"another sampler, pid {pid}, is using {self._spool}; stop it, or set spool.path to another file"
            )
        with contextlib.suppress(OSError):  # the pid is for people: a full disk may go without
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the right back. The file stays: removing it would let two daemons lock two files of one name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def running_pid(spool: Path) -> int | None:
    """Give the number of the process whose daemon has this spool, None if there is none or it cannot be seen."""
    try:
        descriptor = os.open(_lock_file(spool), os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _pid(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def _open(spool: Path) -> int | None:
    with contextlib.suppress(OSError):
        spool.parent.mkdir(parents=True, exist_ok=True)
    for flags in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):
        with contextlib.suppress(OSError):
            # Through no link: what that leads to would be overwritten.
            return os.open(_lock_file(spool), flags | os.O_NOFOLLOW, 0o644)
    return None


def _taken(descriptor: int) -> bool:
    # Whoever asks `running_pid` holds the lock for a moment, too.
    for _ in range(_PROBES):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(_PROBE_S)
    return False


def _pid(descriptor: int) -> int | None:
    text = os.pread(descriptor, 20, 0).strip()
    return int(text) if text.isdigit() else None


def _lock_file(spool: Path) -> Path:
    return spool.with_name(f"{spool.name}.lock")
