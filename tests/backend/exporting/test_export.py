"""Readings and measurements as files for other programs."""

import csv
import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from litestar.testing import TestClient
from pyarrow import parquet

from sampler.backend.command import backend
from sampler.backend.store import migrations
from sampler.backend.store.opening import open_store
from tests.backend.conftest import Serve
from tests.backend.speaking import document, post

LINES = (
    b"1649941817 Voltage 1.34\n1649941818 Voltage 1.35\n1649941817 Current 12.0\n1649941818 Current 14.0\n"
)
Export = Callable[..., Result]


@pytest.fixture
def client(serve: Serve) -> TestClient[Any]:
    return serve()


@pytest.fixture
def export(database_url: str) -> Export:
    def run(*arguments: str | Path) -> Result:
        command = ["export", *map(str, arguments)]
        return CliRunner().invoke(backend, command, env={"DATABASE_URL": database_url})

    return run


def rows(result: Result) -> list[list[str]]:
    """Below the header."""
    assert result.exit_code == 0, result.output
    return list(csv.reader(io.StringIO(result.stdout_bytes.decode(), newline="")))[1:]


def posted(client: TestClient[Any], *readings: tuple[str, str, float]) -> None:
    array = [{"sensor": name, "timestamp": time, "value": value} for name, time, value in readings]
    assert client.post("/data", json=array).status_code == 200


def test_readings_are_csv_in_the_order_of_their_times(client: TestClient[Any], export: Export) -> None:
    client.post("/data", content=LINES, headers={"Content-Type": "text/plain"})

    assert export().stdout_bytes == (
        b"time,name,value\r\n"
        b"2022-04-14T13:10:17.000Z,Current,12.0\r\n"
        b"2022-04-14T13:10:17.000Z,Voltage,1.34\r\n"
        b"2022-04-14T13:10:18.000Z,Current,14.0\r\n"
        b"2022-04-14T13:10:18.000Z,Voltage,1.35\r\n"
    )


def test_a_range_has_its_first_instant_and_not_its_last_but_the_whole_of_a_last_day(
    client: TestClient[Any], export: Export
) -> None:
    posted(
        client,
        ("a", "2022-04-12T23:59:59.999Z", 1),
        ("a", "2022-04-13T00:00:00Z", 2),
        ("a", "2022-04-13T23:59:59.999Z", 3),
        ("a", "2022-04-14T00:00:00Z", 4),
    )

    assert [value for *_, value in rows(export("--from", "2022-04-13", "--to", "2022-04-13"))] == [
        "2.0",
        "3.0",
    ]
    exact = export("--from", "2022-04-12T23:59:59.999Z", "--to", "2022-04-13T00:00:00Z")
    assert [value for *_, value in rows(exact)] == ["1.0"]


def test_one_sensor_alone_can_be_asked_for(client: TestClient[Any], export: Export) -> None:
    posted(client, ("a", "2022-04-12T00:00:00Z", 1), ("b", "2022-04-12T00:00:00Z", 2))

    assert rows(export("--sensor", "b")) == [["2022-04-12T00:00:00.000Z", "b", "2.0"]]
    assert rows(export("--sensor", "c")) == []


def test_names_that_csv_has_to_quote_come_back_as_they_were(client: TestClient[Any], export: Export) -> None:
    names = ['a,b "c"', "ü\U0001f321", "=1+1"]
    posted(client, *((name, "2022-04-12T00:00:00Z", 1.0) for name in names))

    assert {name for _, name, _ in rows(export())} == set(names)


def test_parquet_has_the_same_values_with_their_types(
    client: TestClient[Any], export: Export, tmp_path: Path
) -> None:
    posted(client, ("a", "2022-04-12T00:00:00.1234567Z", 0.1), ("b", "2199-12-31T00:00:00Z", -1e300))

    assert export("-o", tmp_path / "out.parquet").exit_code == 0

    table = parquet.read_table(tmp_path / "out.parquet")
    assert [str(field.type) for field in table.schema] == ["timestamp[ns, tz=UTC]", "string", "double"]
    assert table["time"].cast("int64").to_pylist() == [1649721600_123456700, 7258032000_000000000]
    assert table["name"].to_pylist() == ["a", "b"]
    assert table["value"].to_pylist() == [0.1, -1e300]


def test_parquet_without_rows_has_its_columns_all_the_same(
    client: TestClient[Any], export: Export, tmp_path: Path
) -> None:
    assert export("-o", tmp_path / "out.parquet").exit_code == 0

    assert parquet.read_table(tmp_path / "out.parquet").column_names == ["time", "name", "value"]


def test_measurements_have_their_device_and_key(client: TestClient[Any], export: Export) -> None:
    post(client, document(), **{"X-Device": "kitchen", "Idempotency-Key": "a-1"})
    post(client, document())

    first, second = rows(export("--what", "measurements"))
    assert first[:7] == [
        "2021-04-12T20:20:20.000Z",
        "2021-04-12T20:22:20.000Z",
        "1.11",
        "1.13",
        "1.12",
        "kitchen",
        "a-1",
    ]
    assert second[5:7] == ["", ""]
    assert datetime.now(UTC).year - datetime.fromisoformat(first[7]).year <= 1
    assert len(rows(export("--what", "measurements", "--sensor", "kitchen"))) == 1


def test_measurements_of_many_pages_come_once_each(
    client: TestClient[Any], export: Export, monkeypatch: Any
) -> None:
    monkeypatch.setattr("sampler.backend.commands.exporting.contents._AT_ONCE", 3)
    minutes = [f"2022-04-12T00:{minute:02}:00.000Z" for minute in range(10)]
    post(client, [document(time={"start": start, "end": start}) for start in minutes])

    assert [row[0] for row in rows(export("--what", "measurements"))] == minutes


def test_a_file_that_is_there_stays_as_it_is(client: TestClient[Any], export: Export, tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("a letter")

    result = export("-o", tmp_path / "out.csv")

    assert result.exit_code == 1
    assert "is there already and stays as it is: name another" in result.stderr
    assert (tmp_path / "out.csv").read_text() == "a letter"


def test_without_pyarrow_the_words_say_how_to_get_it(
    client: TestClient[Any], export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "sampler.backend.commands.exporting.as_parquet", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    result = export("--format", "parquet")

    assert result.exit_code == 1
    assert result.stderr == (
        "Error: pyarrow is missing: pip install '.[backend,parquet]' in sampler's folder, or --format csv\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "yesterday"], "'--from': it must be an ISO 8601 time"),
        (["--to", "2022-02-30"], "'--to': it is no date and time that exists"),
        (["--what", "secrets"], "'--what': 'secrets' is not one of"),
    ],
)
def test_what_cannot_be_is_a_usage_error(export: Export, arguments: list[str], words: str) -> None:
    result = export(*arguments)

    assert result.exit_code == 2
    assert words in result.stderr


def test_an_older_database_is_named_and_not_changed(database_url: str, export: Export) -> None:
    store = open_store(database_url)
    with store.writing() as session:
        session.run("DELETE FROM migrations WHERE number = 3")

    result = export()

    assert (result.exit_code, result.stderr) == (
        1, "Error: the export is not whole: the database is not of this version: sampler backend migrate\n"
    )  # fmt: skip
    with store.reading() as session:
        assert 3 not in migrations.applied(session)
    store.close()
