"""Which values a setting can have, and what must hold between two of them. Pure."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

Values = Mapping[str, Any]
"""Every setting by its full name: `{"window.length_s": 120.0, …}`."""

DAY_S = 86_400
EXAMPLE_PATH = Path("data/temperature.txt")

_LIMITS: dict[str, tuple[float, float]] = {
    "sensor.period_s": (0.001, DAY_S),
    "sensor.stuck_s": (0.001, DAY_S),
    "adc.bits": (1, 32),
    "adc.v_ref": (0.001, 1000),
    "adc.min_c": (-273.15, 10_000),  # from absolute zero
    "adc.max_c": (-273.15, 10_000),
    "window.length_s": (0.001, DAY_S),
    "window.journal_s": (0.001, DAY_S),
    "backend.timeout_s": (0.001, 3600),
    "retry.attempts": (1, 1000),
    "retry.wait_s": (0, DAY_S),
    "retry.wait_max_s": (0, DAY_S),
    "spool.max_measurements": (1, 1_000_000_000),
    "clock.wait_s": (0, 365 * DAY_S),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a setting, and the cure.

    `said` is the setting as it was given, with its place. The first of `keys` is the setting; the
    problem says nothing certain when another of them is wrong itself.
    """

    keys: tuple[str, ...]
    wrong: str
    cure: str
    said: str

    def __str__(self) -> str:
        line = f"{self.said}: {self.wrong}; {self.cure}"
        return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)


def problems(values: Values) -> list[Problem]:
    """Name every value that is impossible by itself or beside another."""
    outside = [
        _outside(key, values) for key, (low, high) in _LIMITS.items() if not low <= values[key] <= high
    ]
    astray = {problem.keys[0] for problem in outside}
    return outside + list(_refused(values, astray))


def shown(value: object) -> str:
    """Write a value as TOML does, cut to a readable length, without credentials of addresses."""
    if isinstance(value, float):
        text = repr(value)  # JSON has no inf and nan
    elif isinstance(value, int) and value.bit_length() > 64:
        text = hex(value)  # Python refuses to write very long decimals
    elif isinstance(value, str | int):
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, Path | None):
        text = json.dumps(str(value or ""), ensure_ascii=False)
    else:
        text = "[…]" if isinstance(value, list) else "{…}" if isinstance(value, dict) else str(value)
    return brief(text)


def brief(text: str) -> str:
    """Cut a text to a readable length, and take credentials out of addresses."""
    text = re.sub(r"//[^/\s]*@", "//***@", text)
    return text if len(text) <= 80 else text[:79] + "…"


def _outside(key: str, values: Values) -> Problem:
    low, high = map(_plain, _LIMITS[key])
    return Problem((key,), "out of range", f"give {low} to {high}", f"{key} = {shown(values[key])}")


def _refused(values: Values, astray: set[str]) -> Iterator[Problem]:
    for keys, check in _CHECKS:
        verdict = None if astray.intersection(keys) else check(*(values[key] for key in keys))
        if verdict:
            yield Problem(keys, *verdict, f"{keys[0]} = {shown(values[keys[0]])}")


Verdict = tuple[str, str] | None
"""What is wrong and the cure, or None when all is well."""


def _name(name: str) -> Verdict:
    if not name.strip():
        return "empty", "give the device a name, or leave the key out for the host name"
    if len(name) > 64:
        return f"{len(name)} characters", "shorten it to 64"
    if not name.isprintable() or name != name.strip():
        return "has control characters or blanks at its ends", "use letters, digits and signs"
    return None


def _path(path: Path, source: str) -> Verdict:
    if source == "iio" and path == EXAMPLE_PATH:
        return "no IIO channel", "name one, such as /sys/bus/iio/devices/iio:device0/in_voltage0_raw"
    return None


def _whole_windows(length_s: float, period_s: float, align: str) -> Verdict:
    length, period = _exact(length_s), _exact(period_s)
    readings = length / period
    if align == "start":
        if readings.denominator == 1:
            return None
        wrong = f"no whole number of readings, one each {_plain(period)} s (sensor.period_s)"
        return wrong, _nearest(readings, {readings // 1, readings // 1 + 1}, period)
    a_day = DAY_S / period
    if a_day.denominator != 1:
        wrong = f'align = "utc" needs a day of whole readings, one each {_plain(period)} s is none'
        return wrong, "set sensor.period_s to a divisor of 86400, such as 0.1"
    if readings.denominator == 1 and a_day % readings == 0:
        return None
    wrong = f'align = "utc" needs a day of whole windows, each of whole readings ({_plain(period)} s)'
    return wrong, _nearest(readings, _divisors(int(a_day)), period)


def _nearest(wanted: Fraction, counts: set[int], period: Fraction) -> str:
    below = max((count for count in counts if count <= wanted), default=None)
    above = min((count for count in counts if wanted < count <= DAY_S / period), default=None)
    lengths = [_plain(count * period) for count in (below, above) if count]
    return "nearest: " + " or ".join(lengths)


def _divisors(number: int) -> set[int]:
    small = [count for count in range(1, isqrt(number) + 1) if number % count == 0]
    return {*small, *(number // count for count in small)}


def _span(max_c: float, min_c: float) -> Verdict:
    if min_c < max_c:
        return None
    return f"not above adc.min_c = {min_c}", "give the temperature of the highest code"


def _url(url: str) -> Verdict:
    parts = _split(url)
    if parts is None:
        return "no http:// or https:// address", "give one such as http://localhost:5000"
    if "@" in parts.netloc:
        return (
            "credentials in the address",
            "put a bearer token into a file and name it in backend.token_file",
        )
    if "?" in url or "#" in url:
        return "has a query or a fragment", "end the address at its path"
    return None


def _proxy(proxy: str) -> Verdict:
    if proxy in {"", "environment"}:
        return None
    parts = _split(proxy)
    if parts is None or parts.scheme != "http":
        return "no http:// proxy", 'give "", "environment" or an address such as http://proxy:3128'
    if "@" in parts.netloc:
        return "credentials in the address", 'set HTTPS_PROXY for the daemon, and here "environment"'
    return None


def _split(url: str) -> SplitResult | None:
    # urlsplit drops tabs and line ends silently.
    if not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None


def _key_file(key_file: Path | None, cert_file: Path | None) -> Verdict:
    if key_file and not cert_file:
        return "a key without its certificate", "name the certificate in backend.cert_file"
    return None


def _longest_wait(wait_max_s: float, wait_s: float) -> Verdict:
    if wait_s <= wait_max_s:
        return None
    return f"less than retry.wait_s = {wait_s}", f"give at least {_plain(wait_s)}"


_CHECKS: tuple[tuple[tuple[str, ...], Callable[..., Verdict]], ...] = (
    (("sensor.name",), _name),
    (("sensor.path", "sensor.source"), _path),
    (("adc.max_c", "adc.min_c"), _span),
    (("window.length_s", "sensor.period_s", "window.align"), _whole_windows),
    (("backend.url",), _url),
    (("backend.proxy",), _proxy),
    (("backend.key_file", "backend.cert_file"), _key_file),
    (("retry.wait_max_s", "retry.wait_s"), _longest_wait),
)


def _exact(seconds: float) -> Fraction:
    """Give the decimal that was written: 0.1 is a tenth, not the nearest binary fraction."""
    return Fraction(repr(seconds))


def _plain(number: float | Fraction) -> str:
    return str(float(number)).removesuffix(".0")
