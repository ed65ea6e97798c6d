"""Where a walk through a device's lives can have come to."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from simulation.oracle.reckoning import Piece, Window
from simulation.oracle.trail import Trail

BEGIN = -1
"""A life that has not taken up its first window."""


class Node(NamedTuple):
    """Where a trail has come to: in a life, before a question, in a window, if one is open."""

    life: int
    cursor: int
    window: Window | None
    trail: Trail


class Later(NamedTuple):
    """Ways that begin with a fault: they are only made when there is none without it."""

    trail: Trail
    ways: Callable[[], Iterable["Node | Later"]]


Then = Callable[[Trail], Iterable[Node | Later]]
"""How it goes on once a window has closed."""


def with_piece(window: Window, piece: Piece) -> Window:
    """Add the questions of one life."""
    return window._replace(pieces=(*window.pieces, piece))


def widened(window: Window) -> Window:
    """Leave open how many of its questions came to the disk."""
    return window._replace(pieces=tuple(piece._replace(least=piece.first) for piece in window.pieces))


def named(window: Window) -> str:
    """Say which window is meant."""
    return f"opened at {window.opened} ns in life {window.life}"
