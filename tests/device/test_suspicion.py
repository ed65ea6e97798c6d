"""Sensor truth: what is told, and when."""

from sampler.device.clock import NS
from sampler.device.suspicion import Suspicion

STUCK = 600 * NS


def test_a_code_that_changes_is_never_suspected():
    suspicion = Suspicion(4095, STUCK)
    assert not any(suspicion.see(second % 2, second * NS) for second in range(10_000))


def test_a_code_at_the_end_of_the_scale_is_suspected_sooner_than_one_within():
    rail, within = Suspicion(4095, STUCK), Suspicion(4095, STUCK)
    first_rail = next(second for second in range(10_000) if rail.see(4095, second * NS))
    first_within = next(second for second in range(10_000) if within.see(2000, second * NS))
    assert (first_rail, first_within) == (10, 600)


def test_the_end_of_the_scale_is_that_of_the_converter():
    suspicion = Suspicion(1023, STUCK)
    assert suspicion.see(1023, 0) is None
    assert suspicion.see(1023, 10 * NS) == "the sensor may be open or short: code 1023 for 10 s"
