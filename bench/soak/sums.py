"""What must come out in the end: both accounts, each window once, every reading."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from bench.soak.verdict import Verdict
from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess

PLANNED = 1200
"""Readings of a window of two minutes."""


def sums(daemon: DeviceProcess, backend: BackendProcess) -> list[Verdict]:
    """Stop the daemon, and compare what it says with what the backend has."""
    code, told, stored = daemon.stop(), daemon.verify(), backend.measurements(device=daemon.name)
    verified = json.loads(backend.command("verify", "--json", "--database", backend.database_url))
    return [
        Verdict(code == 0, f"sampler run ended with {code}"),
        account(told),
        Verdict(verified["clean"], f"sampler backend verify: {len(verified['differences'])} differences"),
        once(told, stored),
        labels(told, stored),
        readings(stored),
    ]


def account(told: Mapping[str, Any]) -> Verdict:
    """Judge what `sampler verify` says: nothing set aside or dropped, and the rest adds up."""
    parts = " + ".join(f"{told[part]} {part}" for part in ("delivered", "waiting", "set_aside", "dropped"))
    return Verdict(
        told["balanced"] and not told["set_aside"] + told["dropped"],
        f"sampler verify: produced {told['produced']} = {parts}",
    )


def once(told: Mapping[str, Any], stored: Sequence[Mapping[str, Any]]) -> Verdict:
    """Judge whether the backend has each window once; those that wait it may have, if an answer was lost."""
    times = Counter(int(one["key"].rpartition("-")[2]) for one in stored)
    awaited = set(range(1, told["produced"] + 1))
    absent = len(awaited - times.keys())
    ok = times.keys() <= awaited and absent <= told["waiting"] and times.total() == len(times)
    return Verdict(ok, f"the backend has {times.total()} measurements of {len(times)} windows")


def labels(told: Mapping[str, Any], stored: Sequence[Mapping[str, Any]]) -> Verdict:
    """Judge the times: each window begins where the one before it ends; those without a reading are told of."""
    times = [(one["time"]["start"], one["time"]["end"]) for one in stored]
    times = sorted([*times, *((one["start"], one["end"]) for one in told["without_reading"])])
    apart = sum(before[1] != after[0] for before, after in pairwise(times))
    empty = sum(one["windows"] for one in told["without_reading"])
    words = (
        f"from {times[0][0]} to {times[-1][1]}: {apart} gaps or overlaps, {empty} windows without a reading"
    )
    return Verdict(apart == 0, words)


def readings(stored: Sequence[Mapping[str, Any]]) -> Verdict:
    """Judge the windows' own accounts: a whole window of readings due, and each taken, missed or bad."""
    found = [one["quality"] for one in stored]
    due, taken = (sum(quality[name] for quality in found) for name in ("due", "taken"))
    missed, bad = (sum(sum(quality[name].values()) for quality in found) for name in ("missed", "bad"))
    return Verdict(
        due == PLANNED * len(stored) == taken + missed + bad,
        f"{due} readings due = {taken} taken + {missed} missed + {bad} bad",
    )
