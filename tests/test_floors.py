"""Imports go down only: from a floor to those under it, or within a wing's floor, and never in a circle."""

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From the roof to the ground. A package stands for everything in it.
FLOORS = {
    "commands": """
        sampler.cli sampler.commands sampler.backend.command sampler.backend.commands sampler.backend.__main__""",
    "houses: what builds, starts and stops": """
        sampler.device.daemon sampler.device.assembly sampler.device.summary sampler.device.terminal
        sampler.backend.app sampler.backend.run sampler.backend.server""",
    "flows and rooms": """
        sampler.device.sampling sampler.device.keeping sampler.device.delivery
        sampler.backend.temperature sampler.backend.readings sampler.backend.customers
        sampler.backend.environment sampler.backend.accounts""",
    "what the rooms share": """
        sampler.backend.web sampler.backend.maintenance""",
    "edges": """
        sampler.device.sensor sampler.device.sources sampler.device.bounded
        sampler.device.spool sampler.device.lock sampler.device.handoff sampler.device.bell
        sampler.device.client sampler.device.wire
        sampler.device.config sampler.device.settings sampler.device.logs sampler.device.notify
        sampler.device.signals sampler.device.machine
        sampler.backend.store sampler.backend.commits sampler.backend.settings""",
    "logic": """
        sampler.device.adc sampler.device.window sampler.device.clock sampler.device.episode
        sampler.device.suspicion sampler.device.kinds sampler.device.limits sampler.device.duration
        sampler.device.rings
        sampler.backend.instants sampler.backend.statistics sampler.backend.packing sampler.backend.calendars
        sampler.backend.shown""",
    "datum": """
        sampler.measurement sampler.files sampler.raw sampler.volume sampler.wal sampler.device.kept""",
}
# The backend's rooms, each with the tables that are its own; the tables that no room has are the house's.
ROOMS = {
    "temperature": "measurements",
    "readings": "readings",
    "customers": "customers blacklist",
    "environment": "environment",
    "accounts": "accounts",
}
ENGINES = {"apsw", "psycopg"}
DEVICE_LIBRARIES = {"apsw", "requests", "tenacity", "urllib3"}
NEVER_ON_A_DEVICE = {"asyncio", "litestar", "msgspec", "uvicorn"}

SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "sampler").rglob("*.py"))
}
BACKEND = [module for module in SOURCES if module.startswith("sampler.backend")]
DEVICE = [module for module in SOURCES if module.startswith("sampler.device")]


def floor(module: str) -> int:
    """How deep the module lies; a package's own file, which only names the room, is the ground."""
    for depth, rooms in enumerate(FLOORS.values()):
        if any(f"{module}.".startswith(f"{room}.") for room in rooms.split()):
            return depth
    if module in {"sampler", "sampler.device", "sampler.backend"}:
        return len(FLOORS)
    pytest.fail(f"{module} has no floor yet: give it one in FLOORS, in {Path(__file__).name}")


def imports(module: str) -> Iterator[str]:
    """Every module that this one names in an import, wherever in the file it stands."""
    for node in ast.walk(ast.parse(SOURCES[module].read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: say the whole name, so that the floor can be read"
            origin = str(node.module)
            names = (f"{origin}.{alias.name}" for alias in node.names)
            yield from (name if name in SOURCES else origin for name in names)


@pytest.mark.parametrize("module", SOURCES)
def test_a_module_imports_nothing_from_the_floors_over_it(module: str) -> None:
    ours = [name for name in imports(module) if name.partition(".")[0] == "sampler"]
    here = floor(module)
    assert not [name for name in ours if floor(name) < here]


def test_no_import_goes_in_a_circle() -> None:
    graph = {module: {name for name in imports(module) if name in SOURCES} for module in SOURCES}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("module", SOURCES)
def test_the_wings_do_not_know_each_other(module: str) -> None:
    wings = {"sampler.device": "sampler.backend", "sampler.backend": "sampler.device"}
    other = wings.get(".".join(module.split(".")[:2]), "neither wing")
    assert not [name for name in imports(module) if f"{name}.".startswith(f"{other}.")]


def room(module: str) -> str | None:
    """Give the backend's room that the module, or the table that it is, belongs to."""
    where = module.split(".")
    if where[:3] == ["sampler", "backend", "store"]:
        table = ".".join(where[3:4])
        return next((name for name, tables in ROOMS.items() if table in tables.split()), None)
    return where[2] if where[:2] == ["sampler", "backend"] and where[2:3] and where[2] in ROOMS else None


@pytest.mark.parametrize("module", BACKEND)
def test_a_room_knows_neither_another_room_nor_its_tables(module: str) -> None:
    if floor(module) < floor("sampler.backend.temperature"):
        return  # who builds, and who types, know all of them
    others = {room(name) for name in imports(module)} - {None, room(module)}
    assert not others


@pytest.mark.parametrize("module", BACKEND)
def test_only_the_store_knows_the_engines(module: str) -> None:
    libraries = {name.partition(".")[0] for name in imports(module)}
    assert module.startswith("sampler.backend.store.") or not libraries & ENGINES


@pytest.mark.parametrize("module", DEVICE)
def test_the_device_needs_few_libraries(module: str) -> None:
    libraries = {name.partition(".")[0] for name in imports(module)} - {"sampler"}
    assert libraries - NEVER_ON_A_DEVICE <= sys.stdlib_module_names | DEVICE_LIBRARIES
    assert not libraries & NEVER_ON_A_DEVICE


def test_the_device_s_libraries_bring_none_of_the_heavy_ones() -> None:
    script = f"import sys, {', '.join(DEVICE)}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    assert not NEVER_ON_A_DEVICE & set(loaded.split())
