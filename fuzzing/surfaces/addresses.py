"""What stands in an address: the path and the query, and what each room reads from them."""

from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from litestar import Request

from fuzzing.target import Target
from sampler.backend import calendars
from sampler.backend.customers import counts
from sampler.backend.environment import analysing, fields, filters
from sampler.backend.environment.forecasts import MAX_HOURS
from sampler.backend.instants import END, TICKS_PER_DAY
from sampler.backend.readings import asked
from sampler.backend.store import HIGHEST
from sampler.backend.temperature import listing
from sampler.backend.web import names, paging, queries, receipts
from sampler.backend.web.problems import Invalid

AnyRequest = Request[Any, Any, Any]
Query = Mapping[str, str]
_UTC = ZoneInfo("UTC")


def one(data: bytes) -> None:
    path, _, query = data.partition(b"?")
    request: AnyRequest = Request({"type": "http", "raw_path": path, "query_string": query})  # type: ignore[arg-type]
    check_path(request)
    given = refused(queries.single, request)
    if given is None:
        return
    compare(query, given)
    for check in (
        check_rows,
        check_readings,
        check_measurements,
        check_receipts,
        check_customers,
        check_words,
    ):
        refused(check, given)


def refused(reader: Callable[[Any], Any], given: Any) -> Any:
    """Read; None if it is refused, as it may be with a name and words alone."""
    try:
        return reader(given)
    except Invalid as error:
        assert error.errors
        assert all(words and all(words) for words in error.errors.values())
        return None


def compare(query: bytes, given: Query) -> None:
    """Hold what was read against Python's reading, and against itself when it is written anew."""
    if query.isascii():
        assert len(given) == len(parse_qsl(query.decode(), keep_blank_values=True)), "one of two was taken"
        assert given == dict(parse_qsl(query.decode(), keep_blank_values=True))
    written = urlencode(given).encode()
    again: AnyRequest = Request({"type": "http", "query_string": written})  # type: ignore[arg-type]
    assert queries.single(again) == given


def check_path(request: AnyRequest) -> None:
    name = refused(lambda asking: asked.sensor_in_path(asking, "/statistics/"), request)
    assert name is None or name == names.sensor(name)


def check_rows(query: Query) -> None:
    found = filters.wanted(query, 1)
    assert -TICKS_PER_DAY < found.start <= HIGHEST
    assert -TICKS_PER_DAY < found.end <= HIGHEST
    page = filters.page(query)
    assert 0 <= page.skipped < 10**12
    place = page.of(12_345)
    assert place.next_page is None or place.current_page < place.next_page <= place.pages
    assert place.prev_page is None or 1 <= place.prev_page <= place.pages
    assert analysing.of_one_sensor(query, 1) == found
    hours = fields.read(query, {"hours": fields.whole(1, MAX_HOURS)}).get("hours", 1)
    assert 1 <= hours <= MAX_HOURS


def check_readings(query: Query) -> None:
    zone = queries.optional(query, "tz", calendars.zone) or _UTC
    start, end = asked.period(query, zone)
    assert 0 <= start <= HIGHEST
    assert 0 <= end <= HIGHEST
    queries.optional(query, "name", names.sensor)


def check_measurements(query: Query) -> None:
    found = listing._wanted(query, 10)
    assert all(time is None or 0 <= time < END for time in (found.start, found.end))
    if found.after:
        assert paging.place(paging.written(found.after)) == found.after
        assert max(found.after) <= HIGHEST


def check_receipts(query: Query) -> None:
    found = receipts._wanted(query, 10, None)
    assert found.before is None or paging.place(paging.written(found.before)) == found.before


def check_customers(query: Query) -> None:
    day = counts._day(query)
    assert f"{day:%d}" == query["day"].lstrip("0").zfill(2)
    assert str(counts._integer(query, "customer_id")).lstrip("-") == query["customer_id"].lstrip("-0") or "0"


def check_words(query: Query) -> None:
    for value in query.values():
        number = refused_value(fields.number, value)
        assert number is None or (isfinite(number) and number == float(value))
        whole = refused_value(fields.whole(0, 10**9), value)
        assert whole is None or whole == int(value)


def refused_value(reader: Callable[[str], Any], value: str) -> Any:
    try:
        return reader(value)
    except ValueError as error:
        assert str(error).startswith(("must ", "is too "))
        return None


def seeds() -> Iterator[bytes]:
    yield b"/statistics/a%2Fb/c%C3%A9/?from=2022-04-12&to=2022-04-14T10:00:00+01:00&name=Voltage&tz=Europe/Oslo"
    yield b"/v1/data?sensor_id=kitchen&start_date=2022-01&end_time=2022-02-03T10:00:00%2B01:00&page=2&per_page=10"
    yield b"/v1/data?min_temperature=-1.5e1&max_pressure=.5&tz=Pacific/Apia&hours=24&start_date=2011-12-30&sensor_id=x"
    yield b"/api/temperature?from=2021-04-12T00:00:00Z&to=2021-04-13&device=k&after=16182588200000000-7"
    yield b"/receipts?before=1-2&who=customer+7&endpoint=/data"
    yield b"/stats?day=13&month=03&year=2022&customer_id=-2"
    yield b"/statistics/%ff?a=%ff&a=1&=&&b==%zz+%2b;c"


TARGET = Target(
    "addresses",
    one,
    seeds,
    (
        *(
            b"start_date=",
            b"end_date=",
            b"start_time=",
            b"end_time=",
            b"from=",
            b"to=",
            b"page=",
            b"per_page=",
            b"tz=",
        ),
        *(
            b"UTC",
            b"Europe/Oslo",
            b"min_humidity=",
            b"max_humidity=",
            b"hours=",
            b"after=",
            b"before=",
            b"sensor_id=",
        ),
        *(
            b"day=",
            b"month=",
            b"year=",
            b"customer_id=",
            b"2022-01-05",
            b"%C3%A9",
            b"%ED%A0%80",
            b"%00",
            b"+",
            b"&",
            b"1e309",
        ),
    ),
    longest=512,
    quick=300,
)
