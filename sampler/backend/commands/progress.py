"""How far long commands are, on a terminal."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click


@contextlib.contextmanager
def progress(count: Callable[[], int], label: str) -> Iterator[Callable[[int], None]]:
    """Give what is to be told how many more are done; `count`, all of them, is only asked for on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=count(), label=label, file=sys.stderr) as bar:
        yield bar.update


@contextlib.contextmanager
def counting(label: str) -> Iterator[Callable[[int], None]]:
    """Give the same where nobody knows how many there will be."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    unknown: contextlib.AbstractContextManager[Any] = click.progressbar(
        length=None, label=label, show_pos=True, file=sys.stderr
    )
    with unknown as bar:
        yield bar.update
