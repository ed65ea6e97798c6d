"""Lists that come in pages: each names the next in the header `Link`, by the place where it begins."""

import re
from typing import Any
from urllib.parse import urlencode

from litestar import Request

from sampler.backend.web import queries

Place = tuple[int, int]
"""Where something stands in a list that is sorted by time and number."""
_PLACE = re.compile(r"(\d{1,18})-(\d{1,18})", re.ASCII)


def place(text: str) -> Place:
    """Read what `written` wrote. Raises ValueError."""
    form = _PLACE.fullmatch(text)
    if not form:
        raise ValueError("must be taken from the Link header of the page before")
    return int(form[1]), int(form[2])


def written(place: Place) -> str:
    """Write a place into an address."""
    return "{}-{}".format(*place)


def next_page(request: Request[Any, Any, Any], **place: str) -> dict[str, str]:
    """Give the headers that name the same list from another place on."""
    query = urlencode(queries.single(request) | place)
    return {"Link": f'<{request.scope["path"]}?{query}>; rel="next"'}
