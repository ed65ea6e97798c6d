"""The tables of the spool, and how to tell that a file holds them."""

import apsw

from sampler.device.spool.errors import Damaged, SpoolMisplaced

VERSION = 1
APPLICATION = int.from_bytes(b"SPOL", "big")
"""Marks the file as ours, in its header."""
PAGE = 4096

_FACTS = "(id INTEGER PRIMARY KEY, body TEXT, crc INTEGER)"
_LEDGER = "(first INTEGER PRIMARY KEY, last INTEGER, outcome TEXT, reason TEXT, crc INTEGER)"

# The account (facts and ledger) lies twice, on pages far from each other: no damaged page takes it away. The
# schema fits on the file's first page and is made in one go, so that this page, too, can be made anew.
TABLES = (
    f"CREATE TABLE facts{_FACTS}",
    f"CREATE TABLE ledger{_LEDGER}",
    "CREATE TABLE window(id INTEGER PRIMARY KEY, body TEXT, crc INTEGER)",
    "CREATE TABLE measurement(sequence INTEGER PRIMARY KEY, state TEXT, start INTEGER, body TEXT, crc INTEGER)",
    "CREATE INDEX by_time ON measurement(state, start)",
    "CREATE TABLE stretch(id INTEGER PRIMARY KEY, body TEXT, crc INTEGER)",
    f"CREATE TABLE facts_copy{_FACTS}",
    f"CREATE TABLE ledger_copy{_LEDGER}",
)


def create(db: apsw.Connection) -> None:
    """Make the tables, inside the caller's transaction."""
    for statement in TABLES:
        db.execute(statement)
    db.pragma("user_version", VERSION)
    db.pragma("application_id", APPLICATION)


def made(db: apsw.Connection) -> bool:
    """Tell whether the file holds our tables; False if it holds nothing at all.

    Raises SpoolMisplaced for a newer version's file or somebody else's, Damaged for what was ours.
    """
    found = {sql for (sql,) in db.execute("SELECT sql FROM sqlite_schema")}
    version, application = db.pragma("user_version"), db.pragma("application_id")
    if (found, version, application) == (set(TABLES), VERSION, APPLICATION):
        return True
    if (found, version, application) == (set(), 0, 0):
        return False
    if application != APPLICATION and not found & set(TABLES):
        raise SpoolMisplaced("it is a database of something else: set spool.path to another file")
    if version > VERSION and found != set(TABLES):
        raise SpoolMisplaced(
            f"a newer sampler made it (its tables have version {version}, this one knows {VERSION}): "
            "install that one again, or set spool.path to another file"
        )
    raise Damaged("its tables are not as they were made")


def first_page() -> bytes:
    """Make the file's first page anew: it says where the tables begin, which never changes."""
    with_tables = apsw.Connection(":memory:")
    create(with_tables)
    page = bytearray(with_tables.serialize("main")[:PAGE])
    with_tables.close()
    page[18:20] = b"\2\2"  # written with a write-ahead log
    page[28:32] = bytes(4)  # the number of pages: take it from the file's size
    return bytes(page)
