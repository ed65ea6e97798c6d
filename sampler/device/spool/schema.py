"""The tables of the spool, and how to tell that a file holds them."""

import apsw

VERSION = 1

# The account (facts, ledger) lies twice, on pages far from each other: no damaged page takes it away. The schema fits
# into the file's first page, and is made in one go: so that page, too, can be made anew (salvage.py).
TABLES = (
    "CREATE TABLE facts(id INTEGER PRIMARY KEY, body TEXT, crc INTEGER)",
    "CREATE TABLE ledger(first INTEGER PRIMARY KEY, last INTEGER, outcome TEXT, reason TEXT, crc INTEGER)",
    "CREATE TABLE window(id INTEGER PRIMARY KEY, body TEXT, crc INTEGER)",
    "CREATE TABLE measurement("
    "sequence INTEGER PRIMARY KEY, state TEXT, start INTEGER, body TEXT, crc INTEGER)",
    "CREATE INDEX by_time ON measurement(state, start)",
    "CREATE TABLE stretch(id INTEGER PRIMARY KEY, body TEXT, crc INTEGER)",
    "CREATE TABLE facts_copy(id INTEGER PRIMARY KEY, body TEXT, crc INTEGER)",
    "CREATE TABLE ledger_copy(first INTEGER PRIMARY KEY, last INTEGER, outcome TEXT, reason TEXT, crc INTEGER)",
)


def create(db: apsw.Connection) -> None:
    """Make the tables, inside the caller's transaction."""
    for statement in TABLES:
        db.execute(statement)
    db.pragma("user_version", VERSION)


def tables(db: apsw.Connection) -> tuple[str, ...]:
    """Give the statements that made what the file holds, in their order."""
    return tuple(sql for (sql,) in db.execute("SELECT sql FROM sqlite_schema ORDER BY rowid"))
