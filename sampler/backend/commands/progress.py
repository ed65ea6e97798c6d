"""A bar for long commands, on a terminal."""

import contextlib
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
