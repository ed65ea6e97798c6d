"""Whatever comes: it is rows, changes or a question, or it is refused with words for each field."""

import contextlib
from math import isfinite

from hypothesis import given
from hypothesis import strategies as st

from sampler.backend.calendars import zone
from sampler.backend.environment import documents, fields, filters
from sampler.backend.environment.documents import MAX_ROWS, POSTED
from sampler.backend.instants import END
from sampler.backend.store import HIGHEST
from sampler.backend.store.environment.rows import Values
from sampler.backend.web.arrays import Elements
from sampler.backend.web.problems import Invalid

ROW = '{"sensor_id":"s","timestamp":"2022-01-05","temperature":1,"humidity":2,"pressure":3}'
NEAR_JSON = st.lists(st.sampled_from([ROW, '"timestamp":"2022-13"', *'],{}"\\1[\n', "1e400", "\\ud800"]))
BODIES = st.binary() | NEAR_JSON.map("".join).map(str.encode)
PERIODS = st.from_regex(
    r"[0-2]\d{3}(-[01]\d(-[0-3]\d([T ][0-2]\d(:[0-6]\d){1,2}(Z|[+ -]\d\d:\d\d)?)?)?)?", fullmatch=True
)
NUMBERS = st.from_regex(r"[+-]?\d*\.?\d*([eE][+-]?\d{0,4})?", fullmatch=True)
TEXTS = (
    st.text(max_size=10) | PERIODS | NUMBERS | st.sampled_from(["UTC", "Europe/Oslo", "Pacific/Apia", "hour"])
)
NAMES = ["sensor_id", "start_date", "end_date", "start_time", "end_time", "tz", "page", "per_page"]
NAMES += ["timestamp", "temperature", "pressure", "min_temperature", "max_temperature", "min_humidity"]
QUERIES = st.dictionaries(st.sampled_from(NAMES), TEXTS)


def rows(body: bytes) -> list[Values]:
    elements = Elements(POSTED, MAX_ROWS)
    pieces = [*elements.feed(body), elements.end()]
    return [row for piece in pieces for row in documents.values(piece, 0)]


@given(BODIES)
def test_any_body_is_rows_or_refused(body: bytes) -> None:
    with contextlib.suppress(Invalid):
        assert all(0 <= row.time < END for row in rows(body))


@given(BODIES, QUERIES)
def test_any_body_and_query_is_a_change_or_refused(body: bytes, query: dict[str, str]) -> None:
    with contextlib.suppress(Invalid):
        assert set() < set(documents.changes(body, query)) <= set(Values._fields)


@given(QUERIES)
def test_any_query_is_a_question_or_refused(query: dict[str, str]) -> None:
    with contextlib.suppress(Invalid):
        assert 0 <= filters.wanted(query, 1).start <= HIGHEST
    with contextlib.suppress(Invalid):
        assert 0 <= filters.page(query).skipped < 10**12


@given(PERIODS | st.text(), st.sampled_from(["UTC", "Europe/Oslo", "Pacific/Apia", "America/Sao_Paulo"]))
def test_any_text_is_a_stretch_of_time_or_refused(text: str, name: str) -> None:
    with contextlib.suppress(ValueError):
        start, end = fields.period(zone(name))(text)
        assert 0 <= start <= end


@given(NUMBERS | st.text())
def test_any_text_is_the_number_that_it_says_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        found = fields.number(text)
        assert found == float(text)
        assert isfinite(found)
