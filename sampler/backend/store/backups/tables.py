"""What tables there are and what they consist of, read from the schema itself: no list can forget one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from sampler.backend.store import Row, Session

STEPS = "migrations"
HOUSEKEEPING = {STEPS, "touched"}
"""What every store has of its own, empty ones too: it is never copied."""
_TABLES = """
SELECT s.name, s.sql LIKE '%AUTOINCREMENT%', l.wr FROM sqlite_schema s JOIN pragma_table_list l ON l.name = s.name
WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite%' AND l.schema = 'main' ORDER BY s.rowid
"""
_COLUMNS = "SELECT name, pk FROM pragma_table_info(:table) ORDER BY cid"


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the statements that copy it."""

    name: str
    columns: tuple[str, ...]
    order: str
    """By which its rows lie in an SQLite file."""
    numbered: str | None
    """The column, if there is one, whose numbers are never given twice."""

    @property
    def select(self) -> str:
        """Gives all rows."""
        return f'SELECT {self._names} FROM "{self.name}"'  # noqa: S608 - names from the schema

    @property
    def select_in_order(self) -> str:
        """Gives all rows of an SQLite file, in an order that does not depend on how the query is carried out."""
        return f"{self.select} ORDER BY {self.order}"

    def insert(self, session: Session, rows: Iterable[Row]) -> None:
        """Store the rows."""
        bindings = [f"c{place}" for place in range(len(self.columns))]
        values = ", ".join(f":{binding}" for binding in bindings)
        session.run_many(
            f'INSERT INTO "{self.name}" ({self._names}) VALUES ({values})',  # noqa: S608 - names from the schema
            (dict(zip(bindings, row, strict=True)) for row in rows),
        )

    @property
    def _names(self) -> str:
        return ", ".join(f'"{column}"' for column in self.columns)


def tables(session: Session) -> list[Table]:
    """Give the tables of an SQLite file in the order of their making."""
    found = [_table(session, *row) for row in session.rows(_TABLES)]
    return [table for table in found if table.name not in HOUSEKEEPING]


def _table(session: Session, name: str, numbered: int, without_rowid: int) -> Table:
    columns = session.rows(_COLUMNS, table=name)
    key = [f'"{column}"' for column, _ in sorted(columns, key=lambda column: column[1]) if _]
    return Table(
        name,
        tuple(column for column, _ in columns),
        ", ".join(key) if without_rowid else "rowid",
        next((column for column, place in columns if place), None) if numbered else None,
    )


def chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Give the rows so many at a time."""
    rows = iter(rows)
    while chunk := list(islice(rows, size)):
        yield chunk
