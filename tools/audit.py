"""`make audit`: what is known against the versions that constraints.txt pins, by OSV (osv.dev)."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import requests

from sampler.device.bounded import Bounded, Hung

ROOT = Path(__file__).parents[1]
DATABASE = "https://api.osv.dev"
PATIENCE_S = 20.0
_PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)


class NotAudited(Exception):  # noqa: N818 - it says what has happened
    """The database cannot be reached, or is none. Say so, and go on."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A package at one version."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Advisory:
    """What is known of a pinned version."""

    pin: Pin
    names: tuple[str, ...]
    """The advisory's own, and those that others gave it: GHSA-…, PYSEC-…, CVE-…"""
    summary: str
    fixed: tuple[str, ...]
    """The versions from which on it is cured."""

    def __str__(self) -> str:
        cure = f"it is cured in {', '.join(self.fixed)}" if self.fixed else "no version is cured yet"
        return f"{self.pin.name} {self.pin.version}: {', '.join(self.names)}: {self.summary}; {cure}"


@dataclass(frozen=True, slots=True)
class Accepted:
    """An advisory that does not touch us, and for how long that is believed."""

    id: str
    reason: str
    until: date


def pins(constraints: str) -> list[Pin]:
    """Give what a file of constraints pins."""
    return [Pin(*found) for found in _PIN.findall(constraints)]


def accepted(project: str) -> list[Accepted]:
    """Read `[tool.audit] accepted` of a pyproject.toml; raises TypeError for one without reason or end."""
    table = tomllib.loads(project)["tool"].get("audit", {})
    return [Accepted(**entry) for entry in table.get("accepted", [])]


def advisories(pinned: Sequence[Pin], database: str, patience_s: float = PATIENCE_S) -> list[Advisory]:
    """Ask the database about all of them at once. Raises NotAudited, after that time at the latest."""
    bounded = Bounded("audit")  # a time-out of requests is for one wait on the network only
    try:
        return bounded.call(lambda: _asked(pinned, database), patience_s)
    except Hung:
        raise NotAudited(f"no answer within {patience_s:g} s") from None
    except (requests.RequestException, KeyError, TypeError, ValueError) as error:
        raise NotAudited(str(error)) from error


def _asked(pinned: Sequence[Pin], database: str) -> list[Advisory]:
    queries = [{"package": {"ecosystem": "PyPI", "name": pin.name}, "version": pin.version} for pin in pinned]
    with requests.Session() as session:
        answer = _json(session.post(f"{database}/v1/querybatch", json={"queries": queries}, timeout=10))
        # Only their names come so; each is asked for by itself, and few are.
        return [
            _advisory(pin, _json(session.get(f"{database}/v1/vulns/{known['id']}", timeout=10)))
            for pin, result in zip(pinned, answer["results"], strict=True)
            for known in result.get("vulns", [])
        ]


def _json(response: requests.Response) -> Any:
    response.raise_for_status()
    return response.json()


def _advisory(pin: Pin, record: dict[str, Any]) -> Advisory:
    events = (
        event
        for affected in record.get("affected", [])
        if affected["package"]["name"].lower() == pin.name.lower()
        for versions in affected.get("ranges", [])
        if versions["type"] == "ECOSYSTEM"
        for event in versions["events"]
    )
    fixed = tuple(event["fixed"] for event in events if "fixed" in event)
    names = (record["id"], *record.get("aliases", []))
    return Advisory(pin, names, record.get("summary") or "without a summary", fixed)


def open_ones(
    found: Iterable[Advisory], accepted: Iterable[Accepted], today: date
) -> tuple[list[str], list[str]]:
    """Give a line for each that must be cured, and one for each that is accepted."""
    by_name = {entry.id: entry for entry in accepted}
    to_cure, let_be = [], []
    for advisory in found:
        entry = next((by_name[name] for name in advisory.names if name in by_name), None)
        if entry is None:
            to_cure.append(str(advisory))
        elif entry.until < today:
            to_cure.append(f"{advisory} (it was accepted until {entry.until}: {entry.reason})")
        else:
            let_be.append(f"{advisory} (accepted until {entry.until}: {entry.reason})")
    return to_cure, let_be


@click.command()
@click.option("--database", default=DATABASE, metavar="URL", help="A mirror of OSV's interface.")
@click.option("--folder", type=click.Path(path_type=Path), default=ROOT, help="Of the two files.")
@click.pass_context
def main(context: click.Context, database: str, folder: Path) -> None:
    """Tell whether a version that constraints.txt pins has a known vulnerability.

    Ends with 1 if one has that is not accepted in pyproject.toml, [tool.audit]. A database that cannot be reached is
    told, and no failure: the rest can be checked without a network.
    """
    pinned = pins((folder / "constraints.txt").read_text())
    excused = accepted((folder / "pyproject.toml").read_text())
    try:
        found = advisories(pinned, database)
    except NotAudited as reason:
        click.echo(f"not audited: the database {database} cannot be reached ({reason})")
        return
    to_cure, let_be = open_ones(found, excused, datetime.now(UTC).date())
    for line in (*let_be, *to_cure, f"audited {len(pinned)} packages: {len(to_cure)} to be cured"):
        click.echo(line)
    if to_cure:
        click.echo(
            "choose cured versions with `make constraints`, or accept it in pyproject.toml, [tool.audit]"
        )
        context.exit(1)


if __name__ == "__main__":
    main()
