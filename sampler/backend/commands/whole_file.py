"""A file that is there whole or not at all."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import click

from sampler.files import sync_directory


@contextlib.contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """Give an empty file beside, for its owner's eyes only, which is synced and takes the name after the block.

    If the block raises it is removed; a kill leaves it under the other name, for the next attempt to write over.
    Raises click.ClickException if there is such a file already, or OSError.
    """
    _refuse_to_overwrite(file)
    part = file.with_name(f"{file.name}.part")
    with _alone_with(part) as descriptor:
        try:
            yield part
            os.fsync(descriptor)
            _refuse_to_overwrite(file)
            part.rename(file)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        sync_directory(file.parent)


def _refuse_to_overwrite(file: Path) -> None:
    if os.path.lexists(file):
        raise click.ClickException(f"{file} is there already and stays as it is: name another")


@contextlib.contextmanager
def _alone_with(part: Path) -> Iterator[int]:
    """Empty the file while nobody else writes to it."""
    # Through no link: where others can write, they could have it lead to any file of ours.
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _lock(descriptor, part)
        os.ftruncate(descriptor, 0)
        os.fchmod(descriptor, 0o600)
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, part: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise click.ClickException(f"another command is writing {part} now") from None
