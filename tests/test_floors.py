"""Imports go down only: from a floor to any floor under it, and inside a package."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From the roof to the ground. A package stands for everything in it.
FLOORS = [
    ["sampler.cli"],
    ["sampler.commands"],
    ["sampler.device.daemon", "sampler.backend.app"],
    ["sampler.device.sampling", "sampler.device.keeping", "sampler.device.delivery"],
    ["sampler.backend.temperature", "sampler.backend.health", "sampler.backend.problems"],
    ["sampler.backend.commits"],
    ["sampler.device.sensor", "sampler.device.spool", "sampler.device.client", "sampler.device.config"],
    ["sampler.device.sources", "sampler.device.salvage", "sampler.backend.store"],
    ["sampler.device.bounded", "sampler.device.notify", "sampler.device.logs"],
    ["sampler.device.window", "sampler.backend.instants"],
    ["sampler.device.adc", "sampler.device.clock"],
    ["sampler.device.kept"],
    ["sampler.measurement"],
    ["sampler", "sampler.device", "sampler.backend"],  # nothing but a docstring
]
DEVICE_LIBRARIES = {"apsw", "requests", "tenacity", "urllib3"}
NEVER_ON_A_DEVICE = {"asyncio", "litestar", "msgspec", "uvicorn"}

SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "sampler").rglob("*.py"))
}
DEVICE = [module for module in SOURCES if module.startswith("sampler.device")]


def room(module: str) -> str:
    """The longest entry of the table that the module is, or is inside."""
    entries = [entry for floor in FLOORS[:-1] for entry in floor if f"{module}.".startswith(f"{entry}.")]
    return max(entries, key=len, default=module)


def floor(module: str) -> int:
    for number, rooms in enumerate(FLOORS):
        if room(module) in rooms:
            return number
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
def test_a_module_imports_only_from_the_floors_under_it(module: str) -> None:
    here = floor(module)
    ours = {name for name in imports(module) if name.partition(".")[0] == "sampler"}
    assert not {name for name in ours if room(name) != room(module) and floor(name) <= here}


@pytest.mark.parametrize("module", SOURCES)
def test_the_wings_do_not_know_each_other(module: str) -> None:
    wings = {"sampler.device": "sampler.backend", "sampler.backend": "sampler.device"}
    other = wings.get(".".join(module.split(".")[:2]), "neither wing")
    assert not [name for name in imports(module) if f"{name}.".startswith(f"{other}.")]


@pytest.mark.parametrize("module", DEVICE)
def test_the_device_needs_few_libraries(module: str) -> None:
    libraries = {name.partition(".")[0] for name in imports(module)} - {"sampler"}
    assert libraries - NEVER_ON_A_DEVICE <= sys.stdlib_module_names | DEVICE_LIBRARIES
    assert not libraries & NEVER_ON_A_DEVICE


def test_the_device_s_libraries_bring_none_of_the_heavy_ones() -> None:
    script = f"import sys, {', '.join(DEVICE)}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert not NEVER_ON_A_DEVICE & set(loaded.split())
