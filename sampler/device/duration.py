"""Lengths of time for people. Pure."""


def duration(seconds: float) -> str:
    """Write a length of time: `48 s`, `12 min`, `3.5 h`, `2.1 d`."""
    for unit, length in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.3g} s"
