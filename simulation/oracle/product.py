"""What the product says at the end: its account, its spool and what its backend has, number by number."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, Self

from sampler.device.spool import Account, Entry, Spool, SpoolStatus
from sampler.device.spool.rows import Stretch
from simulation.diary import Stored

MS = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

How = Literal["seen", "dropped", "memory", "damaged", "unknown"]
"""Why nobody has its measurement, if nobody has.

`memory`: memory was full; it may have had no reading. `damaged`: its bytes had changed; if that was met at once, its
window got the next number.
"""

DAMAGE = ("lost with a damaged page", "damaged")
"""What the spool says of measurements that it dropped because their bytes had changed."""


@dataclass(frozen=True, slots=True)
class Product:
    """What is judged. `rows` is what the backend has of the device, in the order of arrival."""

    account: Account
    entries: Sequence[Entry]
    stretches: Sequence[Stretch]
    status: SpoolStatus
    rows: Sequence[Stored]

    @classmethod
    def of(cls, spool: Spool, rows: Iterable[Stored]) -> Self:
        """Ask the spool for everything it tells; first that it looks at itself."""
        account = spool.verify()
        return cls(account, list(spool.entries()), spool.stretches(), spool.status(), list(rows))


class Number(NamedTuple):
    """A number that was given out, and what is known of its window."""

    sequence: int
    identity: str
    how: How
    seen: Stored | None = None


def from_entry(entry: Entry) -> Stored:
    """Give what the spool has in the form of what a backend has."""
    found = entry.measurement
    numbers = (found.min, found.max, found.average)
    return Stored(entry.key, _ns(found.start), _ns(found.end), *numbers, entry.quality.as_json())


def parted(key: str) -> tuple[str, int]:
    """Part a key into the spool's identity and the number. Raises ValueError if it has not the form of one."""
    identity, dash, number = key.rpartition("-")
    if not identity or not dash or not number.isdecimal() or int(number) < 1:
        raise ValueError(f"{key!r} is not the key of a measurement")
    return identity, int(number)


def whole(found: Stored) -> bool:
    """Tell whether a key can be one."""
    try:
        parted(found.key)
    except ValueError:
        return False
    return True


def numbers(product: Product, restored: Iterable[Stored], *, beyond: bool) -> list[Number]:
    """Give every number that was given out, in the order in which that was done.

    `restored`: what the backend once had, and lost when a backup was put in its place.
    `beyond`: numbers that the spool knows nothing of may have been given out, under an identity it has left.
    """
    last = product.account.produced
    found = {one.key: _number(one.key, "seen", one) for one in (*restored, *_both(product)) if whole(one)}
    known = [
        one
        for one in found.values()
        if one.sequence <= last or (beyond and one.identity != product.status.spool_id)
    ]
    firsts = _firsts(known, product.status.spool_id)
    silent = [*_dropped(product), *(Number(number, "", "unknown") for number in range(1, last + 1))]
    there = {one.sequence for one in known}
    for one in silent:
        if one.sequence not in there:
            there.add(one.sequence)
            known.append(one._replace(identity=_identity_at(firsts, one.sequence)))
    order = list(firsts)
    return sorted(known, key=lambda one: (order.index(one.identity), one.sequence))


def _number(key: str, how: How, seen: Stored | None = None) -> Number:
    identity, number = parted(key)
    return Number(number, identity, how, seen)


def lost_in_memory(reason: str) -> bool:
    """Tell whether a number was dropped because memory was full: then its window may have had no reading."""
    return reason.startswith("memory was full")


def _both(product: Product) -> Iterator[Stored]:
    yield from map(from_entry, product.entries)
    yield from product.rows


def _firsts(known: Iterable[Number], last: str) -> dict[str, int]:
    """Give the identities in the order of their use, each with its first number that is known."""
    firsts: dict[str, int] = {}
    for one in known:
        firsts[one.identity] = min(one.sequence, firsts.get(one.identity, one.sequence))
    newest = firsts.pop(last, None)
    ordered = dict(sorted(firsts.items(), key=lambda pair: pair[1]))
    return {**ordered, last: 1 if not ordered else newest or 1 << 62}


def _identity_at(firsts: dict[str, int], number: int) -> str:
    before = [identity for identity, first in firsts.items() if first <= number]
    return before[-1] if before else next(iter(firsts))


def _dropped(product: Product) -> Iterator[Number]:
    for gone in product.account.dropped_ranges:
        how: How = (
            "memory" if lost_in_memory(gone.reason) else "damaged" if gone.reason in DAMAGE else "dropped"
        )
        for number in range(gone.first, gone.last + 1):
            yield Number(number, "", how)


def _ns(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(milliseconds=1) * MS
