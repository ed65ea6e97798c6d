"""From one window to the next, and what becomes of a window that nobody closed."""

from sampler.device.kept import Kept
from sampler.device.spool.book import Book
from sampler.device.spool.rows import Row, Stretch
from sampler.device.window import Window


def settle(book: Book, window: Window) -> None:
    """Close the journalled window if this one left it behind, and release what can never be labelled."""
    strangers = [row for row in book.held() if row.span is None or row.span.boot_id != window.boot_id]
    let_go(book, strangers)
    if window.clock != "unset" and book.held():
        # A daemon that began while the disk was away does not know of them, and would leave them there for ever.
        give_times(book, window.offset, None)
    left = book.window
    if left is None or left.boot_id != window.boot_id:
        book.release_stretches(Stretch.released)
    if left is not None and not _same(left, window):
        closed = left.left_behind(window)
        held = closed.clock == "unset" and closed.boot_id == window.boot_id
        keep(book, closed, held=held)


def keep(book: Book, closed: Window, *, held: bool) -> Kept | None:
    """Keep a window that has closed; its label, if it is for good, comes after all that were given."""
    # A daemon that began while the disk was away does not know which were.
    return book.close(closed if held else closed.after(book.facts.newest), held=held)


def let_go(book: Book, held: list[Row]) -> None:
    """Let measurements go as they are, oldest first; they keep their distances, and come after all labels given."""
    later = max([0, *(book.facts.newest - row.start for row in held[:1])])
    book.release(held, lambda row: row.released(later))


def _same(one: Window, other: Window) -> bool:
    return (one.boot_id, one.opened) == (other.boot_id, other.opened)


def turned(book: Book, closed: Window, opened: Window | None) -> bool:
    """Tell whether an earlier call, which failed at its very end, has been done after all."""
    if opened is None:
        return book.window is None and made_of(book, closed) is not None
    return book.window is not None and _same(book.window, opened)


def made_of(book: Book, closed: Window) -> Kept | None:
    """Find the measurement that was made last, if it is the one that this window came to."""
    row = book.row(book.facts.sequence)
    return row.kept if row is not None and row.measurement == closed.close() else None


def give_times(book: Book, offset: int, kept: Kept | None) -> Kept | None:
    """Give all that is held its times, if they come after all labels given; give the one named as it is now."""
    held = book.held()
    later = max([0, *(book.facts.newest - row.labelled(offset).start for row in held[:1])])
    if any(later > (row.end - row.start) // 2 for row in held[:1]):
        let_go(book, held)
        book.release_stretches(Stretch.released)
    else:
        book.release(held, lambda row: row.labelled(offset + later))
        book.release_stretches(lambda stretch: stretch.labelled(offset + later))
    row = None if kept is None else book.row(kept.sequence)
    return None if row is None else row.kept
