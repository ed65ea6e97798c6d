"""Whatever an address asks for: it is a stretch of time or a name, or it is refused with words."""

import contextlib
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from sampler.backend.instants import END
from sampler.backend.readings import asked
from sampler.backend.web import names
from sampler.backend.web.problems import Invalid

DAYS = st.from_regex(r"(19[67]|20[02]|2[12][09])\d-[01]\d-[0-3]\d", fullmatch=True)
HOURS = st.from_regex(r"[T ][0-2]\d:[0-6]\d(:[0-6]\d(\.\d+)?)?(Z|[+ -]\d\d:?\d\d)?", fullmatch=True)
TIMES = DAYS | st.builds(str.__add__, DAYS, HOURS) | st.text()
ZONES = st.sampled_from(["UTC", "Europe/Oslo", "Pacific/Apia", "America/Sao_Paulo", "Asia/Kathmandu"])


@given(st.dictionaries(st.sampled_from(["from", "to"]), TIMES), ZONES)
@example({"from": "2011-12-30", "to": "2011-12-30"}, "Pacific/Apia")
@example({"from": "2199-12-31", "to": "2199-12-31"}, "Pacific/Apia")
def test_any_two_texts_are_a_period_or_refused(query: dict[str, str], zone: str) -> None:
    with contextlib.suppress(Invalid):
        start, end = asked.period(query, ZoneInfo(zone))
        assert 0 <= start <= end
        assert start < END


@given(st.text())
def test_any_text_is_a_name_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert names.sensor(text) == text
        assert text.isprintable()
