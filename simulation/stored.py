"""What a backend has stored, read with the room's own statements; without the route, for there may be very many."""

from collections.abc import Iterator

import msgspec

from sampler.backend.store import Session
from sampler.backend.store.measurements import Range, StoredMeasurement, find
from simulation.diary import Stored

_AT_ONCE = 10_000
_NS_PER_TICK = 100


def measurements(session: Session, device: str | None) -> list[Stored]:
    """Give all of one device, or of all, in the order of their starts."""
    return [_told(one) for page in _pages(session, device) for one in page]


def _pages(session: Session, device: str | None) -> Iterator[list[StoredMeasurement]]:
    after = None
    while page := find(session, Range(_AT_ONCE, device=device, after=after)):
        yield page
        after = page[-1].measurement.start, page[-1].number


def _told(one: StoredMeasurement) -> Stored:
    m = one.measurement
    quality = msgspec.json.decode(m.quality) if m.quality else None
    start, end = m.start * _NS_PER_TICK, m.end * _NS_PER_TICK
    return Stored(one.key or "", start, end, m.min, m.max, m.average, quality)
