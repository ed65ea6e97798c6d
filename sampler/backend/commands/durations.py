"""How long something lasts, as an operator writes it."""

import re

import click

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_FORM = re.compile(r"(\d{1,6})([smhd])", re.ASCII)


def duration(written: str) -> int:
    """Read `90d`, `12h`, `30m` or `45s`: whole seconds, more than none. For click: `type=duration`."""
    form = _FORM.fullmatch(written)
    seconds = int(form[1]) * _UNITS[form[2]] if form else 0
    if not seconds:
        raise click.BadParameter(f"{written!r} is no duration: write it as 90d, 12h, 30m or 45s.")
    return seconds
