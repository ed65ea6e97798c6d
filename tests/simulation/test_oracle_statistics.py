"""Statistics of readings, by sums of the oracle's own."""

from datetime import datetime

from simulation.oracle import Statistics


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def published() -> Statistics:
    """The readings of the published document."""
    truth = Statistics()
    truth.stored("sensor1", 2.1, at("2021-11-08T21:38:09+00:00"))
    truth.stored("sensor1", 1.0, at("2021-11-09T21:38:10+00:00"))
    truth.stored("sensor1", 2.2, at("2021-11-09T21:38:11+00:00"))
    return truth


TOLD = {"count": 3, "avg": 1.7666666666666668, "last_measurement": "2021-11-09T21:38:11+00:00"}


def test_what_the_backend_tells_is_what_was_stored():
    assert list(published().judge("backend", {"sensor1": TOLD})) == []


def test_each_figure_that_is_wrong_is_named():
    for wrong in (
        {"count": 2},
        {"avg": 1.7666666666666666},
        {"last_measurement": "2021-11-09T21:38:10+00:00"},
    ):
        (found,) = published().judge("backend", {"sensor1": TOLD | wrong})
        assert str(found).startswith("backend (h): of sensor1: "), wrong


def test_a_sensor_that_is_missing_or_out_of_nowhere_is_named():
    assert [one.rule for one in published().judge("backend", {})] == ["h"]
    nowhere = {"count": 1, "avg": 1.0, "last_measurement": "2021-11-09T21:38:10+00:00"}
    assert [one.rule for one in published().judge("backend", {"sensor1": TOLD, "sensor2": nowhere})] == ["h"]


def test_a_sensor_that_was_cleared_begins_anew():
    truth = published()
    truth.cleared("sensor1")
    assert list(truth.judge("backend", {"sensor1": {"count": 0, "avg": 0.0, "last_measurement": None}})) == []


def test_the_mean_of_what_no_double_can_add_up_is_exact():
    truth = Statistics()
    for value in (1e16, 1.0, -1e16):
        truth.stored("one", value, at("2026-01-01T00:00:00Z"))
    told = {"count": 3, "avg": 1 / 3, "last_measurement": "2026-01-01T00:00:00+00:00"}
    assert list(truth.judge("backend", {"one": told})) == []
