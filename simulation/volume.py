"""Where Crash was for a while; it is in `simulation.disk`."""

from simulation.disk import Crash, SimulatedVolume

__all__ = ["Crash", "SimulatedVolume"]
