"""How far long commands are, on a terminal."""

import contextlib
import itertools
import sys
from collections.abc import Callable, Iterator

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
    # An endless iterable, which nobody iterates over, is click's way of an unknown length.
    with click.progressbar(itertools.count(), label=label, show_pos=True, file=sys.stderr) as bar:
        yield bar.update
