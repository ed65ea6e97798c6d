"""Where the configuration comes from: defaults, a TOML file, the environment, the command line.

The last of them wins.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from sampler.device.config import Config, ConfigError, flat, kinds, spool_path, unflat
from sampler.device.kinds import Refused, convert, nearest, spoken
from sampler.device.limits import Problem, brief, problems, shown

DEFAULT_FILE = Path("/etc/sampler/sampler.toml")

# Kubernetes tells every pod of a service named sampler or sampler-backend about it, with such variables.
_KUBERNETES = re.compile(r"SAMPLER_(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)")
_SECRET = re.compile(r"token|secret|passw|auth", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Setting:
    key: str
    value: object
    said: str


_Found = Iterator[_Setting | Problem]


def load(
    file: Path | None = None, overrides: Sequence[str] = (), environ: Mapping[str, str] = os.environ
) -> Config:
    """Read and check the whole configuration.

    `file` must exist if it is given; without one, /etc/sampler/sampler.toml counts if it exists. `overrides`
    are `section.key=value` texts. Raises ConfigError with all that is wrong in any of the sources, at once.
    """
    values = flat(Config()) | {"spool.path": spool_path(environ, root=os.geteuid() == 0)}
    examples = {key: shown(value) for key, value in values.items()}
    wrong: list[Problem] = []
    said: dict[str, str] = {}
    for found in chain(_from_file(file), _from_environment(environ), _from_overrides(overrides)):
        if isinstance(found, Problem):
            wrong.append(found)
            continue
        said[found.key] = found.said
        try:
            values[found.key] = convert(kinds()[found.key], found.value, examples[found.key], environ)
        except Refused as refused:
            wrong.append(Problem((found.key,), refused.wrong, refused.cure, found.said))
    wrong += _impossible(values, said, {key for problem in wrong for key in problem.keys})
    if wrong:
        raise ConfigError(wrong)
    return unflat(values)


def _impossible(values: Mapping[str, Any], said: Mapping[str, str], astray: set[str]) -> Iterator[Problem]:
    for problem in problems(values):
        if astray.isdisjoint(problem.keys):
            yield replace(problem, said=said.get(problem.keys[0], f"{problem.said} (default)"))


def _from_file(file: Path | None) -> _Found:
    text, place = "", file or DEFAULT_FILE
    try:
        text = place.read_text("utf-8-sig")
        document = tomllib.loads(text)
    except FileNotFoundError:
        if file:
            yield Problem((), "no such file", "name one that exists, or none for the defaults", str(file))
    except OSError as error:
        yield Problem((), f"not readable: {error.strerror}", "see to its kind, owner and mode", str(place))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        yield Problem((), "not UTF-8", "save the file as UTF-8", f"{place}, line {line}")
    except (ValueError, RecursionError) as error:
        yield _not_toml(place, text, error)
    else:
        yield from _from_toml(place, document)


def _not_toml(file: Path, text: str, error: Exception) -> Problem:
    place = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error), re.DOTALL)
    what, line, column = place.groups() if place else (str(error), None, None)
    if place and not line:
        line, column = str(text.count("\n") + 1), str(len(text) - text.rfind("\n"))
    said = f"{file}, line {line}, column {column}" if line else str(file)
    return Problem((), f"not TOML: {what}", 'write key = value, with "quotes" round text only', said)


def _from_toml(file: Path, document: Mapping[str, Any]) -> _Found:
    sections = _sections()
    for section, keys in document.items():
        if isinstance(keys, dict) and section in sections:
            for key, value in keys.items():
                name = f"{section}.{key}"
                yield _known(name, value, f"{file}: {name} = {_discreet(name, shown(value))}")
        elif isinstance(keys, dict):
            close = nearest(section, sections)
            cure = f"did you mean [{close}]?" if close else f"the sections are {', '.join(sections)}"
            yield Problem((), "no such section", cure, f"{file}: [{section}]")
        elif section in sections:
            cure = f"write [{section}], and its keys below it"
            yield Problem((), "a section, not a key", cure, f"{file}: {section} = {shown(keys)}")
        else:
            yield _known(section, keys, f"{file}: {section} = {_discreet(section, shown(keys))}")


def _from_environment(environ: Mapping[str, str]) -> _Found:
    names = {f"SAMPLER_{key.replace('.', '_').upper()}": key for key in kinds()}
    bare = [name.removeprefix("SAMPLER_") for name in names]
    for name in sorted(name for name in environ if name.startswith("SAMPLER_")):
        said = f"{name}={brief(environ[name]) if name in names else _discreet(name, brief(environ[name]))}"
        if name in names:
            yield _Setting(names[name], spoken(kinds()[names[name]], environ[name]), said)
        elif not _KUBERNETES.fullmatch(name):
            close = nearest(name.removeprefix("SAMPLER_"), bare)
            cure = f"did you mean SAMPLER_{close}?" if close else "unset it; all are SAMPLER_SECTION_KEY"
            yield Problem((), "no such variable", cure, said)


def _from_overrides(overrides: Sequence[str]) -> _Found:
    for override in overrides:
        key, equals, text = override.partition("=")
        key = key.strip()
        if equals:
            yield _known(key, spoken(kinds().get(key), text), f"--set {key}={_discreet(key, brief(text))}")
        else:
            yield Problem((key,), "no value", "write --set section.key=value", f"--set {key}")


def _known(key: str, value: object, said: str) -> _Setting | Problem:
    if key in kinds():
        return _Setting(key, value, said)
    return Problem((key,), "no such key", _cure(key), said)


def _cure(key: str) -> str:
    section, _, name = key.rpartition(".")
    names = {known: known.split(".")[1] for known in kinds()}
    here = {known: names[known] for known in names if known.startswith(f"{section}.")}
    near = [known for known in names if names[known] == name]
    if not near:
        close = nearest(name, (here or names).values())
        near = [known for known in here or names if names[known] == close]
    if near:
        return f"did you mean {' or '.join(near)}?"
    if here:
        return f"[{section}] has {', '.join(here.values())}"
    return f"the sections are {', '.join(_sections())}"


def _sections() -> list[str]:
    return list(dict.fromkeys(key.split(".")[0] for key in kinds()))


def _discreet(name: str, value: str) -> str:
    # Under a name that we do not know it may be the secret itself, where its file is asked for.
    return value if name in kinds() or not _SECRET.search(name) else "***"
