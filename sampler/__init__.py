"""Temperatures from an ADC to a backend that fails: nothing lost, doubled or falsified."""
