"""What can go wrong with the spool, each error saying what to do next."""

import apsw


class SpoolUnavailable(Exception):  # noqa: N818 - reads as a sentence where it is caught
    """The disk does not take it now (full, read-only, failing, locked). Keep it in memory and try again."""


class SpoolMisplaced(SpoolUnavailable):
    """The spool cannot be where it is wanted. Only the operator can cure that: do not start, and say this."""


class Damaged(Exception):  # noqa: N818 - as above
    """What was read is not what was written. Salvage the file; do not use it."""


class LogBroken(Damaged):
    """Commits that were synced are not read any more. Salvage the file, and never give out their numbers again."""


DAMAGE = (
    apsw.CorruptError,
    apsw.NotADBError,
    apsw.SQLError,
    apsw.ConstraintError,
    UnicodeDecodeError,
    Damaged,
)
"""What a damaged file raises. SQLError: its schema is read from it. ConstraintError: a row is back that had left."""


def words(error: Exception) -> str:
    """Say in one line what an error says."""
    said = error.strerror if isinstance(error, OSError) else str(error)
    return " ".join(str(said).split())
