"""Requests' readings -> a row of arrivals and the sensors' statistics, once a commit."""

from collections.abc import Sequence

from sampler.backend.store import Session
from sampler.backend.store.readings import arrivals, sensors
from sampler.backend.store.readings.arrivals import Piece
from sampler.backend.store.readings.series import Series, joined


def add(session: Session, delivery: Sequence[Series]) -> None:
    """Store the readings of a request with those of the others in this commit, before its end."""
    if delivery:
        session.later(_store, delivery)


def _store(session: Session, deliveries: Sequence[Sequence[Series]]) -> None:
    by_name: dict[str, list[Series]] = {}
    for delivery in deliveries:
        for part in delivery:
            by_name.setdefault(part.name, []).append(part)
    known = sensors.found_or_new(session, by_name)
    pairs = [(known[name], joined(parts)) for name, parts in by_name.items()]
    sensors.adjust(session, [sensor.after(series) for sensor, series in pairs])
    arrivals.add(
        session,
        [Piece(sensor.number, sensor.epoch, series.times, series.values) for sensor, series in pairs],
    )
