"""What Schemathesis cannot know from the document: which times are taken, and what lines look like."""

from datetime import datetime
from typing import Any

import schemathesis
from hypothesis import strategies as st

_TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30))
_WRITTEN = st.builds(
    "{:%Y-%m-%dT%H:%M:%S}.{:03}{}".format,
    _TIMES,
    st.integers(0, 999),
    st.sampled_from(["Z", "+00:00", "+05:45", "-23:59"]),
)
schemathesis.openapi.format("date-time", _WRITTEN)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Make lines of every second text."""
    if case.media_type == "text/plain" and isinstance(case.body, str) and len(case.body) % 2 == 0:
        case.body = "".join(
            f"{1_649_941_817 + place} {('Voltage', 'Current')[place % 2]} {ord(letter) / 7}\n"
            for place, letter in enumerate(case.body)
        )
