"""Requests' readings -> a row of arrivals and the sensors' statistics, once a commit."""

from collections.abc import Sequence

from sampler.backend.store import Session
from sampler.backend.store.readings import arrivals, sensors
from sampler.backend.store.readings.arrivals import Piece
from sampler.backend.store.readings.series import Series


def add(session: Session, delivery: Sequence[Series]) -> None:
    """Store the readings of a request with those of the others in this commit, before its end."""
    if delivery:
        session.later(_store, delivery)


def _store(session: Session, deliveries: Sequence[Sequence[Series]]) -> None:
    by_name: dict[str, list[Series]] = {}
    for delivery in deliveries:
        for series in delivery:
            by_name.setdefault(series.name, []).append(series)
    known = sensors.found_or_new(session, by_name)
    sensors.adjust(session, [known[name].after(parts) for name, parts in by_name.items()])
    arrivals.add(
        session,
        [
            Piece(known[name].number, known[name].epoch, part.times, part.values)
            for name, parts in by_name.items()
            for part in parts
        ],
    )
