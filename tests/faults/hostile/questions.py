"""What is asked behind the ?: numbers, names, and times at their borders and in the hours that clocks skip."""

from tests.faults.hostile.speaking import ON, USER, Case, get

NO_TIME = "It must be an ISO 8601 time such as 2021-04-12T20:20:20.000Z."
RANGE = "It must lie between 1970 and 2200."
NOTHING = ("200 []", ON)
TWICE = "It is there twice."
NO_UTF_8 = "It must be UTF-8, percent-encoded."
RANGE_OF_DATA = b"/data?from=%b&to=%b"
NO_ZONE = "tz: It must be a time zone of the IANA database, such as Europe/Oslo or UTC."
LIMIT = "Expected `int`, got `str`"
PLACE = "It must be taken from the Link header of the page before."


def data(start: bytes, end: bytes = b"2199-12-31") -> bytes:
    return get(RANGE_OF_DATA % (start, end))


def wrong(field: str, words: str) -> tuple[str, ...]:
    return f"400 {field}: {words}", ON


def none(field: str, words: str) -> tuple[str, ...]:
    return wrong(field, f"It is no date and time that exists: {words}.")


def rows(query: bytes) -> bytes:
    return get(b"/v1/data?" + query, USER)


CASES: dict[str, Case] = {
    "a parameter twice": (data(b"1970&from=1971"), wrong("from", TWICE)),
    "a parameter twice, once encoded": (data(b"1970&%66rom=1971"), wrong("from", TWICE)),
    "semicolons": (get(b"/data?from=2022-01-01;to=2022-01-02"), wrong("from", NO_TIME)),
    "a list": (get(b"/data?from[]=2022-01-01&to[]=2022-01-02"), wrong("from", "It is required.")),
    "no values": (get(b"/data?from&to"), wrong("from", NO_TIME)),
    "bytes that are no UTF-8": (data(b"%ff"), wrong("from", NO_UTF_8)),
    "a name that is no UTF-8": (data(b"2022-01-01&%ff=1"), wrong("%ff", NO_UTF_8)),
    "a hundred thousand parameters": (data(b"2022-01-01&" + b"&" * 50_000), NOTHING),
    "a day": (data(b"2022-01-01"), NOTHING),
    "the first day of all": (data(b"1970-01-01"), NOTHING),
    "the day before": (data(b"1969-12-31"), wrong("from", RANGE)),
    "the last day of all": (data(b"2199-12-31"), NOTHING),
    "the day behind": (data(b"2022-01-01", b"2200-01-01"), wrong("to", RANGE)),
    "the last tick of all": (data(b"2022-01-01", b"2199-12-31T23:59:59.9999999Z"), NOTHING),
    "the tick before all": (data(b"1969-12-31T23:59:59.9999999Z"), wrong("from", RANGE)),
    "the first tick, elsewhere": (data(b"1970-01-01T05:45:00%2B05:45"), NOTHING),
    "the tick before all, elsewhere": (data(b"1970-01-01T05:44:59%2B05:45"), wrong("from", RANGE)),
    "the end of a year that has one day less": (data(b"2022-02-29"), none("from", "day is out of range for month")),
    "a year that has one day more": (data(b"2024-02-29"), NOTHING),
    "a century that has none": (data(b"2100-02-29"), none("from", "day is out of range for month")),
    "a month of nothing": (data(b"2022-00-01"), none("from", "month must be in 1..12")),
    "the 24th hour": (data(b"2022-01-01T24:00:00Z"), none("from", "hour must be in 0..23")),
    "a leap second": (data(b"2016-12-31T23:59:60Z"), none("from", "second 60")),
    "an offset of a day": (data(b"2022-01-01T00:00:00%2B24:00"), wrong("from", NO_TIME)),
    "an offset with a space for its plus": (data(b"2022-01-01T00:00:00+01:00"), NOTHING),
    "a year of five digits": (data(b"12022-01-01"), wrong("from", NO_TIME)),
    "the year nothing": (data(b"0000-01-01"), none("from", "year 0 is out of range")),
    "a year below nothing": (data(b"-001-01-01"), wrong("from", NO_TIME)),
    "a week": (data(b"2022-W01-1"), wrong("from", NO_TIME)),
    "a day of the year": (data(b"2022-001"), wrong("from", NO_TIME)),
    "no hyphens": (data(b"20220101"), wrong("from", NO_TIME)),
    "digits of another script": (data(b"%d9%a2022-01-01"), wrong("from", NO_TIME)),
    "seconds": (data(b"1649941817"), wrong("from", NO_TIME)),
    "a word": (data(b"now"), wrong("from", NO_TIME)),
    "a time and a NUL": (data(b"2022-01-01%00"), wrong("from", NO_TIME)),
    "a time and a line break": (data(b"2022-01-01%0a"), wrong("from", NO_TIME)),
    "a time with 60 000 digits": (data(b"2022-01-01T00:00:00." + b"1" * 60_000 + b"Z"), wrong("from", NO_TIME)),
    "the end before the begin": (data(b"2022-01-02", b"2022-01-01"), wrong("to", "It must not be before from.")),
    "the end at the begin": (data(b"2022-01-01T00:00Z", b"2022-01-01T00:00Z"), NOTHING),
    "a name with a NUL": (data(b"2022-01-01&name=%00"), wrong("name", "It must have printable characters only.")),
    "a name that is a statement": (data(b"2022-01-01&name=x'+OR+'1'='1"), NOTHING),
    "a limit of nothing": (get(b"/sensors?limit=0"), wrong("limit", "Expected `int` >= 1")),
    "a limit below nothing": (get(b"/sensors?limit=-1"), wrong("limit", "Expected `int` >= 1")),
    "a limit too high": (get(b"/sensors?limit=1001"), wrong("limit", "Expected `int` <= 1000")),
    "a limit of 60 000 digits": (get(b"/sensors?limit=" + b"9" * 60_000), wrong("limit", "Integer value out of range")),
    "a limit in another script": (get(b"/sensors?limit=%d9%a1"), wrong("limit", LIMIT)),
    "a limit that is none": (get(b"/sensors?limit=null"), wrong("limit", LIMIT)),
    "a place that nobody gave": (get(b"/receipts?before=1-2-3"), wrong("before", PLACE)),
    "a place beyond all numbers": (get(b"/receipts?before=%b-1" % (b"9" * 19)), wrong("before", PLACE)),
    "a place in another script": (get(b"/api/temperature?after=%d9%a1-1"), wrong("after", PLACE)),
    "a zone that is a file": (get(b"/buckets/a?by=day&tz=../../../etc/passwd"), ("400 " + NO_ZONE, ON)),
    "a zone that counts leap seconds": (get(b"/buckets/a?by=day&tz=right/UTC"), ("400 " + NO_ZONE, ON)),
    "a zone of this machine": (get(b"/buckets/a?by=day&tz=localtime"), ("400 " + NO_ZONE, ON)),
    "a zone with a NUL": (get(b"/buckets/a?by=day&tz=UTC%00"), ("400 " + NO_ZONE, ON)),
    "buckets of a week": (get(b"/buckets/a?by=week"), wrong("by", "It must be one of hour, day, month, year.")),
    "an hour that the clocks skip": (
        get(b"/buckets/a?by=hour&tz=Europe/Oslo&from=2022-03-27T02:30:00&to=2022-03-27T02:45:00"),
        ('200 {"sensor":"a","by":"hour","tz":"Europe/Oslo","buckets":[]}', ON),
    ),
    "a day that the clocks skip": (
        get(b"/buckets/a?by=day&tz=Pacific/Apia&from=2011-12-30&to=2011-12-30"),
        ('200 {"sensor":"a","by":"day","tz":"Pacific/Apia","buckets":[]}', ON),
    ),
    "an hour of the rows that the clocks skip": (
        rows(b"tz=Europe/Oslo&start_time=2022-03-27T02:30&end_time=2022-03-27T02:45&per_page=1"), ("200", ON),
    ),
    "an hour of the rows that comes twice": (
        rows(b"tz=Europe/Oslo&start_time=2022-10-30T02:30&end_time=2022-10-30T02:30&per_page=1"), ("200", ON),
    ),
    "a month of the rows that is none": (rows(b"start_date=2022-13"), none("start_date", "month must be in 1..12")),
    "a page of nothing": (rows(b"page=0"), wrong("page", "It must be a whole number from 1 to 1000000000.")),
    "a page too far": (rows(b"page=1000000001"), wrong("page", "It must be a whole number from 1 to 1000000000.")),
    "the last page of all": (rows(b"page=1000000000&per_page=1000"), ("200", ON)),
    "the least above the most": (
        rows(b"min_pressure=2&max_pressure=1"), wrong("max_pressure", "It must not be less than min_pressure."),
    ),
    "a least of infinity": (rows(b"min_pressure=inf"), wrong("min_pressure", "It must be a number.")),
    "a least that is no number": (rows(b"min_pressure=nan"), wrong("min_pressure", "It must be a number.")),
    "a least beyond all numbers": (rows(b"min_pressure=1e999"), wrong("min_pressure", "It is too large a number.")),
    "a least with a _": (rows(b"min_pressure=1_0"), wrong("min_pressure", "It must be a number.")),
    "begin and begin": (
        rows(b"start_date=2022&start_time=2022"),
        wrong("start_time", "It means the same as start_date: give one of them."),
    ),
    "a day that is a word": (
        get(b"/stats?day=one&month=1&year=2022"), wrong("day", "The day must be given once, as an integer."),
    ),
    "a day of none": (get(b"/stats?day=31&month=2&year=2022"), wrong("day", "There is no such date.")),
    "a year beyond all years": (get(b"/stats?day=1&month=1&year=99999999999"), wrong("day", "There is no such date.")),
    "a customer of 100 digits": (
        get(b"/customerStats?customer_id=" + b"9" * 100), ("404 There is no such customer.", ON),
    ),
    "a customer of 101 digits": (
        get(b"/customerStats?customer_id=" + b"9" * 101),
        wrong("customer_id", "The customer_id must be given once, as an integer."),
    ),
}  # fmt: skip
