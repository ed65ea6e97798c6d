"""`sampler verify`: whether the account of every measurement that was ever made comes out."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import click

from sampler.commands.configured import config_or_exit, configured, spool_to_read
from sampler.commands.examples import examples
from sampler.commands.words import period, plural, why_not_whole
from sampler.device.config import Config
from sampler.device.kept import Quality
from sampler.device.spool import Account, Stretch
from sampler.measurement import from_nanoseconds, iso


@click.command(epilog=examples("sampler verify", "sampler verify --json | jq .balanced"))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@configured
def verify(load_config: Callable[[], Config], *, as_json: bool) -> None:
    """Recount: produced = delivered + waiting + set aside + dropped, and name what was dropped.

    Ends with 1 if it does not balance. Works beside a running daemon and without one.
    """
    config = config_or_exit(load_config)
    with spool_to_read(config) as spool:
        account, stretches = spool.verify(), list(spool.stretches())
    if as_json:
        click.echo(json.dumps(_document(account, stretches), indent=2, ensure_ascii=False))
    else:
        for line in _lines(account, stretches):
            click.echo(line)
    if not account.balanced:
        sys.exit(1)


def _document(account: Account, stretches: Iterable[Stretch]) -> dict[str, Any]:
    return {
        "produced": account.produced,
        "delivered": account.delivered,
        "waiting": account.waiting,
        "held": account.held,
        "set_aside": account.set_aside,
        "dropped": account.dropped,
        "balanced": account.balanced,
        "dropped_ranges": [
            {"first": gone.first, "last": gone.last, "reason": gone.reason} for gone in account.dropped_ranges
        ],
        "missing_ranges": [{"first": first, "last": last} for first, last in account.missing],
        "doubled_ranges": [{"first": first, "last": last} for first, last in account.doubled],
        "without_reading": [_stretch(stretch) for stretch in stretches],
    }


def _stretch(stretch: Stretch) -> dict[str, Any]:
    return {
        "start": iso(from_nanoseconds(stretch.start)),
        "end": iso(from_nanoseconds(stretch.end)),
        "windows": stretch.windows,
        "due": stretch.due,
        "missed": stretch.missed,
        "bad": stretch.bad,
    }


def _lines(account: Account, stretches: Iterable[Stretch]) -> Iterator[str]:
    parts = {
        "delivered": account.delivered,
        "waiting": account.waiting,
        "set aside": account.set_aside,
        "dropped": account.dropped,
    }
    total = sum(parts.values())
    width = len(str(max(account.produced, total)))
    for name, count in {"produced": account.produced, **parts}.items():
        yield f"{name:<9}  {count:>{width}}"
    verdict = "balanced: the four add up to" if account.balanced else "NOT balanced: the four make"
    yield f"{verdict} {total} of {account.produced} produced"
    for gone in account.dropped_ranges:
        yield f"dropped {_range(gone.first, gone.last)}: {gone.reason}"
    for first, last in account.missing:
        yield f"missing {_range(first, last)}: nobody knows what became of it"
    for first, last in account.doubled:
        yield f"doubled {_range(first, last)}: accounted for twice"
    for stretch in stretches:
        yield _without_reading(stretch)


def _without_reading(stretch: Stretch) -> str:
    when = period(from_nanoseconds(stretch.start), from_nanoseconds(stretch.end))
    why = why_not_whole(Quality(stretch.due, 0, stretch.missed, stretch.bad))
    return f"{plural(stretch.windows, 'window')} without a good reading, {when}: {why}"


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last} ({last - first + 1})"
