"""The layouts that are compared."""

from collections.abc import Collection, Iterator

import apsw

from bench.layouts.load import HOUR, NOW, SENSORS, Groups, Reading, grouped
from bench.layouts.pieces import Piece, pieces, together
from bench.layouts.sums import Sums, adjust
from sampler.backend.packing import pack, unpack


class Layout:
    """A way to store readings, and the statistics that are adjusted with each commit."""

    schema: str

    def __init__(self, *sums: Sums) -> None:
        self._sums = sums

    def write(self, connection: apsw.Connection, readings: list[Reading]) -> None:
        """Store what a commit brings."""
        groups = grouped(readings)
        self._store(connection, groups)
        adjust(connection, self._sums, groups)

    def settle(self, connection: apsw.Connection, groups: Groups) -> None:
        """Store readings where they stay."""
        raise NotImplementedError

    def is_due(self) -> bool:
        """Whether it is time to tidy."""
        return False

    def tidy(self, connection: apsw.Connection) -> None:
        """Do what is left to be done in the background."""

    def of_sensor(self, connection: apsw.Connection, sensor: int) -> int:
        """Read a sensor's present hour, and count."""
        raise NotImplementedError

    def of_all(self, connection: apsw.Connection) -> int:
        """Read everybody's present hour, and count."""
        return sum(self.of_sensor(connection, sensor) for sensor in range(SENSORS))

    def _store(self, connection: apsw.Connection, groups: Groups) -> None:
        self.settle(connection, groups)


class Rows(Layout):
    """A row a reading."""

    schema = """
    CREATE TABLE readings (sensor, time, number, value, PRIMARY KEY (sensor, time, number)) WITHOUT ROWID
    """
    _number = 0

    def settle(self, connection: apsw.Connection, groups: Groups) -> None:
        """See Layout."""
        connection.executemany("INSERT INTO readings VALUES (?, ?, ?, ?)", self._rows(groups))

    def _rows(self, groups: Groups) -> Iterator[tuple[int, int, int, float]]:
        for (_, sensor), columns in groups.items():
            for when, value in zip(*columns, strict=True):
                self._number += 1
                yield sensor, when, self._number, value

    def of_sensor(self, connection: apsw.Connection, sensor: int) -> int:
        """See Layout."""
        found = "SELECT time, value FROM readings WHERE sensor = ? AND time >= ?"
        return len(connection.execute(found, (sensor, NOW * HOUR)).fetchall())


class Blocks(Layout):
    """A packed row for each commit, hour and sensor; in the index, sensors of an hour are neighbours."""

    schema = """
    CREATE TABLE blocks (number INTEGER PRIMARY KEY, hour, sensor, epoch, data);
    CREATE INDEX blocks_place ON blocks (hour, sensor);
    """

    def settle(self, connection: apsw.Connection, groups: Groups) -> None:
        """See Layout."""
        rows = ((*place, pack(*columns)) for place, columns in groups.items())
        connection.executemany("INSERT INTO blocks (hour, sensor, epoch, data) VALUES (?, ?, 0, ?)", rows)

    def of_sensor(self, connection: apsw.Connection, sensor: int) -> int:
        """See Layout."""
        found = "SELECT data FROM blocks WHERE hour = ? AND sensor = ?"
        return sum(len(unpack(data)[0]) for (data,) in connection.execute(found, (NOW, sensor)))

    def of_all(self, connection: apsw.Connection) -> int:
        """See Layout."""
        found = "SELECT data FROM blocks WHERE hour = ?"
        return sum(len(unpack(data)[0]) for (data,) in connection.execute(found, (NOW,)))


class Scattered(Blocks):
    """The same with the hours of a sensor as neighbours in the index."""

    schema = Blocks.schema.replace("(hour, sensor)", "(sensor, hour)")

    def of_all(self, connection: apsw.Connection) -> int:
        """See Layout."""
        return Layout.of_all(self, connection)


class Arrivals(Blocks):
    """A row for each commit; in the background these become blocks, and the later statistics are adjusted."""

    schema = Blocks.schema + "CREATE TABLE arrivals (number INTEGER PRIMARY KEY, data)"
    most_rows, most_readings = 1000, 100_000
    _rows = _readings = 0

    def __init__(self, *sums: Sums, later: Collection[Sums] = ()) -> None:
        super().__init__(*sums)
        self._later = later

    def _store(self, connection: apsw.Connection, groups: Groups) -> None:
        connection.execute("INSERT INTO arrivals (data) VALUES (?)", (together(groups),))
        self._rows += 1
        self._readings += sum(len(times) for times, _ in groups.values())

    def is_due(self) -> bool:
        """See Layout."""
        return self._rows >= self.most_rows or self._readings >= self.most_readings

    def tidy(self, connection: apsw.Connection) -> None:
        """See Layout."""
        groups: Groups = {}
        for place, times, values in self._waiting(connection):
            all_times, all_values = groups.setdefault(place, ([], []))
            all_times.extend(times)
            all_values.extend(values)
        self.settle(connection, groups)
        adjust(connection, self._later, groups)
        connection.execute("DELETE FROM arrivals")
        self._rows = self._readings = 0

    def of_sensor(self, connection: apsw.Connection, sensor: int) -> int:
        """See Layout."""
        waiting = sum(len(times) for _, times, _ in self._waiting(connection, sensor))
        return super().of_sensor(connection, sensor) + waiting

    def of_all(self, connection: apsw.Connection) -> int:
        """See Layout."""
        return super().of_all(connection) + sum(len(times) for _, times, _ in self._waiting(connection))

    def _waiting(self, connection: apsw.Connection, only: int | None = None) -> Iterator[Piece]:
        for (data,) in connection.execute("SELECT data FROM arrivals ORDER BY number"):
            yield from pieces(data, only)
