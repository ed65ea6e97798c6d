"""Readings of any sensor, in two published forms over one store: statistics (contract B) and power (contract D)."""
