"""From one window to the next, and what becomes of a window that nobody closed."""

from sampler.device.kept import Kept
from sampler.device.spool.book import Book
from sampler.device.spool.rows import Row, Span, Stretch
from sampler.device.window import Window


def settle(book: Book, window: Window) -> None:
    """Close the journalled window if this one left it behind, and let go what can never be labelled."""
    left = book.window
    anew = left is None or not _same(left, window)
    stretches = book.held_stretches() if anew else {}
    let_go(
        book,
        [row for row in book.held() if row.span is None or row.span.boot_id != window.boot_id],
        {
            number: each
            for number, each in stretches.items()
            if each.span and each.span.boot_id != window.boot_id
        },
    )
    if left is not None and anew:
        closed = left.left_behind(window)
        keep(book, closed, held=closed.clock == "unset" and closed.boot_id == window.boot_id)
    if window.clock != "unset" and (anew or book.held()):
        # A daemon that began while the disk was away does not know of them, and would leave them there for ever.
        give_times(book, window.offset, None)


def keep(book: Book, closed: Window, *, held: bool) -> Kept | None:
    """Keep a window that has closed; its label, if it is for good, comes after all that were given."""
    # A daemon that began while the disk was away does not know which were.
    label = closed if held or _was_numbered(book, closed) else closed.after(book.facts.newest)
    return book.close(label, held=held, moved=label is not closed)


def _was_numbered(book: Book, closed: Window) -> bool:
    """Tell whether the last label given is this window's own: under a number that was lost with a damaged page."""
    facts = book.facts
    return facts.newest == closed.end and any(
        gone.last == facts.sequence and gone.outcome == "dropped" for gone in book.ledger
    )


def let_go(book: Book, rows: list[Row], stretches: dict[int, Stretch]) -> None:
    """Let what is held go as it is; what one daemon has labelled keeps its distances, and all comes after labels given.

    One that began while the disk was away does not know what others hold: what it labelled moves by itself.
    """
    groups: dict[object, tuple[list[Row], dict[int, Stretch]]] = {}
    for row in sorted(rows, key=lambda row: row.sequence):
        groups.setdefault(_base(row), ([], {}))[0].append(row)
    for number, stretch in stretches.items():
        groups.setdefault(_base(stretch), ([], {}))[1][number] = stretch
    for group in groups.values():
        _move_on(book, *group)


def _base(held: Row | Stretch) -> object:
    """Say by what it was labelled: of which boot, and by which offset."""
    return None if held.span is None else (held.span.boot_id, held.start - held.span.opened)


def _move_on(book: Book, rows: list[Row], stretches: dict[int, Stretch]) -> None:
    later = _behind(book, [*rows, *stretches.values()])
    book.release(rows, lambda row: row.released(later))
    book.release_stretches(stretches, lambda stretch: stretch.released(later))


def _behind(book: Book, held: list[Row | Stretch]) -> int:
    """Say by how much the first of some labels starts before the end of the latest that was given, ns."""
    return max(book.facts.newest - min(each.start for each in held), 0) if held else 0


def _same(one: Window, other: Window) -> bool:
    return (one.boot_id, one.opened) == (other.boot_id, other.opened)


def turned(book: Book, closed: Window, opened: Window | None) -> bool:
    """Tell whether an earlier call, which failed at its very end, has been done after all."""
    if book.window is None:  # it opened none, or healing has lost that one
        return made_of(book, closed) is not None
    return opened is not None and _same(book.window, opened)


def made_of(book: Book, closed: Window) -> Kept | None:
    """Find the measurement that was made last, if it is the one that this window came to."""
    row = book.row(book.facts.sequence)
    mine = row is not None and (row.span == Span.of(closed) or row.measurement == closed.close())
    return row.kept if row is not None and mine else None


def give_times(book: Book, offset: int, kept: Kept | None) -> Kept | None:
    """Give all that is held its times, if they come after all labels given; give the one named as it is now."""
    rows, stretches = book.held(), book.held_stretches()
    held: list[Row | Stretch] = [*rows, *stretches.values()]
    held = [each.labelled(offset) for each in held]
    later = _behind(book, held)
    if any(later > (each.end - each.start) // 2 for each in held):
        let_go(book, rows, stretches)
    else:
        book.release(rows, lambda row: row.labelled(offset + later))
        book.release_stretches(stretches, lambda stretch: stretch.labelled(offset + later))
    row = None if kept is None else book.row(kept.sequence)
    return None if row is None else row.kept
