"""Readings that somebody deleted: nobody sees them from that moment on, and their blocks go in small steps."""

from sampler.backend.store import Session
from sampler.backend.store.readings import sensors

_MOST_BLOCKS = 200
"""In one transaction."""
_HIDE = "UPDATE sensors SET first_epoch = epoch WHERE name = :name"
_NOTE = "INSERT INTO voided (sensor) SELECT number FROM sensors WHERE name = :name ON CONFLICT DO NOTHING"
_NEXT = """
SELECT voided.sensor, sensors.first_epoch FROM voided JOIN sensors ON sensors.number = voided.sensor
ORDER BY voided.sensor LIMIT 1
"""
_REMOVE = """
DELETE FROM blocks WHERE (sensor, hour, epoch, number) IN (
    SELECT sensor, hour, epoch, number FROM blocks WHERE sensor = :sensor AND epoch < :first_epoch LIMIT :most)
"""
_DONE = "DELETE FROM voided WHERE sensor = :sensor"


def delete(session: Session, name: str) -> None:
    """Let the statistics start again at nothing, without the readings."""
    sensors.clear(session, name)
    session.run(_HIDE, name=name)
    session.run(_NOTE, name=name)


def is_due(session: Session) -> bool:
    """Whether there are blocks to be removed."""
    return session.row(_NEXT) is not None


def purge(session: Session) -> bool:
    """Remove some blocks of deleted readings; say whether there may be more."""
    sensor = session.row(_NEXT)
    if not sensor:
        return False
    number, first_epoch = sensor
    if session.run(_REMOVE, sensor=number, first_epoch=first_epoch, most=_MOST_BLOCKS) < _MOST_BLOCKS:
        session.run(_DONE, sensor=number)
    return True
