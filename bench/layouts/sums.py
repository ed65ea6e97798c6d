"""Tables of exact statistics, which are read, added to and written back."""

from collections.abc import Collection, Iterable

import apsw

from bench.layouts.load import Groups
from sampler.backend.statistics import Statistics, of, total_bytes, total_from


class Sums:
    """A table of statistics by some keys."""

    def __init__(self, name: str, *keys: str) -> None:
        self._name, self._keys = name, ", ".join(keys)
        same = " AND ".join(f"{key} = ?" for key in keys)
        self._known = f"SELECT {self._keys}, count, total, min, max FROM {name} WHERE {same}"  # noqa: S608 - constants
        self._adjusted = f"INSERT OR REPLACE INTO {name} VALUES (?, ?, ?, ?{', ?' * len(keys)})"  # noqa: S608 - constants

    def create(self, connection: apsw.Connection, keys: Iterable[tuple[int, ...]]) -> None:
        """Make the table, with a reading for each key."""
        columns = f"{self._keys}, count, total, min, max, PRIMARY KEY ({self._keys})"
        connection.execute(f"CREATE TABLE {self._name} ({columns}) WITHOUT ROWID")
        self.adjust(connection, dict.fromkeys(keys, of([1.0])))

    def adjust(self, connection: apsw.Connection, new: dict[tuple[int, ...], Statistics]) -> None:
        """Add new statistics to those that are there."""
        for *key, count, total, low, high in connection.executemany(self._known, list(new)):
            new[*key,] += Statistics(count, total_from(total), low, high)
        rows = ((*key, s.count, total_bytes(s.total), s.min, s.max) for key, s in new.items())
        connection.executemany(self._adjusted, rows)


RUNNING, HOURLY = Sums("running", "sensor"), Sums("hourly", "hour", "sensor")


def adjust(connection: apsw.Connection, tables: Collection[Sums], groups: Groups) -> None:
    """Add readings, all of one hour, to the statistics in these tables."""
    new = {place: of(values) for place, (_, values) in groups.items()} if tables else {}
    for table in tables:
        table.adjust(
            connection, {place if table is HOURLY else place[1:]: found for place, found in new.items()}
        )
