"""Times: those of bodies and queries, partial dates, days, and the buckets that they lie in."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fuzzing.cutting import header
from fuzzing.target import Target
from sampler.backend import calendars, instants
from sampler.backend.calendars import By
from sampler.backend.environment import fields
from sampler.backend.instants import END, TICKS_PER_DAY, TICKS_PER_SECOND
from sampler.backend.readings import asked
from sampler.backend.web import queries
from sampler.backend.web.problems import Invalid

_ZONES = (
    *("UTC", "Europe/Oslo", "Asia/Kathmandu", "Pacific/Apia", "Africa/Monrovia", "America/Sao_Paulo"),
    *(
        "Australia/Lord_Howe",
        "Antarctica/Troll",
        "Africa/Cairo",
        "America/Caracas",
        "Asia/Pyongyang",
        "Pacific/Kwajalein",
    ),
)
_BY: tuple[By, ...] = ("hour", "day", "month", "year")
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def one(data: bytes) -> None:
    (which, place), rest = header(data, 2)
    zone = ZoneInfo(_ZONES[place % len(_ZONES)])
    if which % 2:
        ticks = int.from_bytes(rest[:8].ljust(8, b"\0"), "big") % END
        check_written(ticks, zone)
        check_bucket(ticks, _BY[(which >> 1) % 4], zone)
    else:
        check_text(rest.decode("utf-8", "replace"), zone)


def check_text(text: str, zone: ZoneInfo) -> None:
    try:
        ticks, east = instants.parse_local(text, zone)
    except ValueError as error:
        assert "must " in str(error) or "is no " in str(error)
    else:
        assert 0 <= ticks < END
        meant = datetime.fromisoformat(shortened(text))
        meant = meant if meant.tzinfo else meant.replace(tzinfo=zone)
        assert ticks // 10 == (meant - _EPOCH) // timedelta(microseconds=1)
        assert timedelta(seconds=east) == meant.utcoffset()
        check_written(ticks, zone)
    check_stretches(text, zone)


def shortened(text: str) -> str:
    """Give a time with no more than six digits behind the second, as Python reads them."""
    head, point, tail = text.replace(",", ".").upper().partition(".")
    digits = len(tail) - len(tail.lstrip("0123456789"))
    return head + point + tail[: min(digits, 6)] + tail[digits:]


def check_written(ticks: int, zone: ZoneInfo) -> None:
    """See that what we write says the same to us, wherever it is written."""
    assert instants.parse(instants.iso(ticks)) == ticks
    assert instants.parse(instants.round_trip(ticks)) == ticks
    at = datetime.fromtimestamp(ticks // TICKS_PER_SECOND, zone)
    offset = at.utcoffset() or timedelta()
    east = offset // timedelta(seconds=1)
    local = instants.local_iso(ticks, east)
    assert instants.parse_local(local, ZoneInfo("UTC"))[0] == ticks
    assert queries.time(local.replace("+", " ")) == local


def check_stretches(text: str, zone: ZoneInfo) -> None:
    """See that a partial date is a stretch, the same one that its first and last moments lie in."""
    try:
        start, end = fields.period(zone)(text)
    except ValueError:
        pass
    else:
        assert -TICKS_PER_DAY < start <= end  # 1970 begins before 1970 where clocks are ahead of UTC
    try:
        first, behind = asked.period({"from": text, "to": text}, zone)
    except Invalid as error:
        assert error.errors.keys() <= {"from", "to"}
    else:
        assert 0 <= first <= behind


def check_bucket(ticks: int, by: By, zone: ZoneInfo) -> None:
    bucket = calendars.bucket_of(ticks, by, zone)
    assert bucket.start <= ticks < bucket.end
    following = calendars.bucket_of(bucket.end, by, zone)
    assert following.start == bucket.end
    first, second = [*calendars.buckets(ticks, bucket.end + 1, by, zone)][:2]
    assert (first, second) == (bucket, following)
    label = datetime.fromisoformat(bucket.label)
    assert (label - _EPOCH) // timedelta(seconds=1) * TICKS_PER_SECOND == bucket.start


def seeds() -> Iterator[bytes]:
    texts = (
        *(
            "2021-04-12T20:20:20.000Z",
            "2021-04-12 20:20:20,1234567890+05:45",
            "2022",
            "2022-01",
            "2022-01-05",
        ),
        *(
            "2022-01-05T10:00",
            "2022-03-27T02:30",
            "2022-10-30T02:30:00",
            "2011-12-30",
            "1970-01-01",
            "2199-12-31T23:59:59",
        ),
        *(
            "2022-01-05t10:00z",
            "2022-02-29",
            "2022-13",
            "1971-06-01T00:00",
            "2018-11-04",
            "2022-01-05T10:00:00 01:00",
        ),
    )
    for number, text in enumerate(texts):
        yield bytes((0, number)) + text.encode()
    for number, day in enumerate((0, 364, 4017, 15_338, 19_078, 20_000, 84_005)):
        yield bytes((2 * number + 1, number)) + (day * 864_000_000_000 + 123).to_bytes(8, "big")


TARGET = Target(
    "times and calendars",
    one,
    seeds,
    (
        b"2022-",
        b"-03-27",
        b"T02:30",
        b":59",
        b":60",
        b".000",
        b"Z",
        b"+05:45",
        b"-2359",
        b" 01:00",
        b"0001-01-01",
        b"9999-12-31",
    ),
    longest=64,
    quick=500,
)
