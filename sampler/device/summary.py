"""One line on how the daemon stands, for the supervisor's status and the terminal."""

from sampler.device.assembly import Parts


def summary(parts: Parts) -> str:
    """Give the temperature, the window's progress, the backlog and the last delivery. Touches no disk."""
    window, code = parts.sampling.window, parts.sampling.code
    temperature = "no reading yet" if code is None else f"{parts.config.adc.celsius(code):.2f} °C"
    progress = f"window {window.due} of {window.planned}"
    last = parts.delivery.last and f"last: {parts.delivery.last}"
    return " · ".join(filter(None, (temperature, progress, *_backlog(parts), last)))


def _backlog(parts: Parts) -> list[str]:
    status, in_memory = parts.delivery.status, parts.handoff.waiting
    found = []
    if status:
        aside = f", {status.set_aside} set aside" if status.set_aside else ""
        found.append(f"{status.delivered} delivered, {status.waiting} waiting{aside}")
    if in_memory > 1:
        found.append(f"{in_memory} in memory: the disk does not take them")
    return found
