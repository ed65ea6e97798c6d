"""Rule (a): every number is delivered, waiting, held, set aside or dropped by name, exactly once."""

from collections import Counter
from collections.abc import Iterator, Sequence

from simulation.diary import Backend, Life, Stored
from simulation.oracle.product import DAMAGE, Product, from_entry, lost_in_memory, parted, whole
from simulation.oracle.trail import Fault


def judge_account(product: Product, lives: Sequence[Life], backend: Backend) -> Iterator[Fault]:
    """Say what is wrong with the sums, and with single numbers."""
    yield from _sums(product)
    yield from _spool(product, backend)
    yield from _backend(product, lives, backend)
    yield from _delivered(product, backend)
    yield from _reasons(product, lives)


def _sums(product: Product) -> Iterator[Fault]:
    account, status = product.account, product.status
    kept = Counter(entry.state for entry in product.entries)
    dropped = sum(gone.last - gone.first + 1 for gone in account.dropped_ranges)
    outcomes = account.delivered + account.waiting + account.set_aside + account.dropped
    sums = {
        "produced, by what became of them": (account.produced, outcomes),
        "waiting, by the entries": (account.waiting, kept["waiting"] + kept["held"]),
        "held, by the entries": (account.held, kept["held"]),
        "set aside, by the entries": (account.set_aside, kept["set_aside"]),
        "dropped, by name": (account.dropped, dropped),
        "produced, by the status": (account.produced, status.sequence),
        "delivered, by the status": (account.delivered, status.delivered),
        "waiting, by the status": (account.waiting, status.waiting),
        "held, by the status": (account.held, status.held),
        "set aside, by the status": (account.set_aside, status.set_aside),
        "dropped, by the status": (account.dropped, status.dropped),
    }
    for name, (told, found) in sums.items():
        if told != found:
            yield Fault("a", None, f"the account has {told} {name} {found}")
    for first, last in account.missing:
        yield Fault("a", first, f"{first} to {last} are given out, and nobody knows what became of them")
    for first, last in account.doubled:
        yield Fault("a", first, f"{first} to {last} are accounted for twice")


def _spool(product: Product, backend: Backend) -> Iterator[Fault]:
    refused = {keys[0] for _, keys in backend.refusals if len(keys) == 1}
    found: set[int] = set()
    for entry in product.entries:
        if entry.sequence in found:
            yield Fault("a", entry.sequence, "is in the spool twice")
        found.add(entry.sequence)
        if entry.sequence > product.account.produced or parted(entry.key)[1] != entry.sequence:
            yield Fault("c", entry.sequence, f"{entry.key} is in the spool, and was never given out")
        if entry.state == "set_aside" and entry.key not in refused:
            yield Fault("a", entry.sequence, "is set aside, and no backend has refused it")
    for gone in product.account.dropped_ranges:
        for number in found & set(range(gone.first, gone.last + 1)):
            yield Fault("a", number, f"is dropped ({gone.reason}), and in the spool")


def _backend(product: Product, lives: Sequence[Life], backend: Backend) -> Iterator[Fault]:
    kept = {entry.key: from_entry(entry) for entry in product.entries}
    rows: dict[str, object] = {}
    for row in product.rows:
        if not whole(row):
            yield Fault("c", None, f"the backend has {row.key!r}, which is no key")
            continue
        identity, number = parted(row.key)
        if row.key in rows:
            yield Fault("a", number, f"{row.key} is stored twice")
        rows[row.key] = row
        for where, there in (
            ("the spool", kept.get(row.key)),
            ("it once had", backend.restored.get(row.key)),
        ):
            if there is not None and _part(row, there):
                yield Fault("a", number, f"the backend has {row}, {where} {there}")
        former = identity != product.status.spool_id and any(life.rot for life in lives)
        if number > product.account.produced and not former:
            yield Fault(
                "c", number, f"{row.key} is stored, and numbers go to {product.account.produced} only"
            )
    identities = {parted(row.key)[0] for row in product.rows if whole(row)} | {
        parted(entry.key)[0] for entry in product.entries
    }
    renamings = sum((life.how in {"killed", "power"}) + len(life.rot) + _outages(life) for life in lives)
    strangers = identities - {product.status.spool_id}
    if len(strangers) > renamings:
        yield Fault(
            "c", None, f"numbers were given out under {sorted(strangers)}, but nothing has torn the spool"
        )


def _part(one: Stored, other: Stored) -> bool:
    """Tell whether they are two measurements; not everybody is told the quality."""
    known = one.quality is not None and other.quality is not None
    return one != other if known else one._replace(quality=None) != other._replace(quality=None)


def _outages(life: Life) -> int:
    """Count how often the disk was away in a life: each time its last write may have been torn."""
    count = until = 0
    for since, to in sorted(life.trouble):
        count += not count or since > until
        until = max(until, to)
    return count


def _delivered(product: Product, backend: Backend) -> Iterator[Fault]:
    reached = {parted(row.key)[1] for row in product.rows if whole(row)}
    reached |= {parted(key)[1] for key in backend.restored}
    reached |= {entry.sequence for entry in product.entries}
    for gone in product.account.dropped_ranges:
        reached.update(range(gone.first, gone.last + 1))
    unknown = {number for first, last in product.account.missing for number in range(first, last + 1)}
    for number in range(1, product.account.produced + 1):
        if number not in reached and number not in unknown:
            yield Fault("a", number, "is delivered, it says, but the backend has it not")


def _reasons(product: Product, lives: Sequence[Life]) -> Iterator[Fault]:
    for gone in product.account.dropped_ranges:
        full = gone.reason == "the spool was full"
        if gone.reason in DAMAGE and not any(life.rot for life in lives):
            why = "nothing was damaged"
        elif lost_in_memory(gone.reason) and not any(life.trouble for life in lives):
            why = "the disk was never away"
        elif full and product.account.produced <= min(life.settings.most for life in lives):
            why = "it never can have been"
        else:
            continue
        yield Fault("a", gone.first, f"{gone.first} to {gone.last} are dropped: {gone.reason}, but {why}")
