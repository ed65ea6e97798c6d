"""The simulated world: the real device and backend in it, one thread, one seed."""
