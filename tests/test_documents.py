"""What the documents show in ```console blocks is what happens: each command, with its output to the letter.

A document's blocks are typed in order into one shell, beside a fresh backend, which the document starts by
`sampler backend --port 8080 …` in its text. A line that begins with `$ ` is a command, with those after it as far
as a backslash or an open quotation goes; what follows is what it says. `…` stands for anything. The port is a free
one instead.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest

from tests.backend_process import BackendProcess

ROOT = Path(__file__).parents[1]
INTERFACES = sorted((ROOT / "docs/interfaces").glob("*.md"))
DOCUMENTS = [ROOT / "README.md", *INTERFACES]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
START = re.compile(r"`sampler backend --port 8080([^`]*)`")
END_OF_OUTPUT = "\x1e"


@dataclass(frozen=True)
class Typed:
    """A command and what it says, as the document has it."""

    command: str
    output: str


def typed(document: str) -> list[Typed]:
    return [found for block in BLOCK.findall(document) for found in typed_in(block)]


def typed_in(block: str) -> Iterator[Typed]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        end = next(n for n in range(1, len(lines) + 1) if is_whole("".join(lines[:n])))
        yield Typed("".join(lines[:end]).rstrip("\n"), "".join(lines[end:]))


def is_whole(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:  # "No closing quotation"
        return False
    return not command.endswith("\\\n")


def options(document: str) -> list[str]:
    """The backend's own, beside its port; output.txt it writes in any case, where the commands are typed."""
    start = START.search(document)
    return shlex.split(start[1].replace("--output-file output.txt", "")) if start else []


def outputs(commands: list[str], folder: Path, environ: dict[str, str]) -> list[str]:
    """Type the commands into a shell and tell what each says, errors included."""
    script = chain.from_iterable((command, f"printf '{END_OF_OUTPUT}'") for command in commands)
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)], stdin=subprocess.DEVNULL, cwd=folder, env=environ, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.stdout.split(END_OF_OUTPUT)[:-1]


def says(expected: str, output: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in expected.rstrip("\n").split("…"))
    return re.fullmatch(pattern, output.rstrip("\n"), re.DOTALL) is not None


@pytest.mark.real
@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_each_command_says_what_the_document_shows(document: Path, tmp_path: Path) -> None:
    shown = typed(document.read_text())
    with BackendProcess(tmp_path, *options(document.read_text())) as backend:
        environ = os.environ | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "STATE_DIRECTORY": str(tmp_path),
            "DATABASE_URL": backend.database_url,
        }
        port = str(backend.port)
        said = outputs([line.command.replace("8080", port) for line in shown], tmp_path, environ)

    assert len(said) == len(shown), f"the shell ended after {shown[len(said)].command}"
    wrong = [
        f"$ {line.command}\n--- shown\n{line.output}--- said\n{output}"
        for line, output in zip(shown, said, strict=True)
        if not says(line.output.replace("8080", port), output)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("document", INTERFACES, ids=lambda document: document.name)
def test_each_interface_shows_itself(document: Path) -> None:
    assert typed(document.read_text())


def test_a_block_is_read_as_commands_and_what_they_say() -> None:
    document = (
        "```console\n$ one\n1\n\n2\n$ two \\\n  'and\nmore'\n$ three\n```\n"
        "```sh\n$ not this\n```\n```console\n$ four\n4\n```\n"
    )

    assert typed(document) == [
        Typed("one", "1\n\n2\n"),
        Typed("two \\\n  'and\nmore'", ""),
        Typed("three", ""),
        Typed("four", "4\n"),
    ]


@pytest.mark.parametrize(
    ("expected", "output", "same"),
    [
        ("200\n", "200", True),
        ("200\n", "2000", False),
        ("a…z\n", "a b\nc z\n", True),
        ("a.c\n", "abc\n", False),
        ("", "surprise\n", False),
    ],
)
def test_a_document_is_right_to_the_letter(expected: str, output: str, same: bool) -> None:
    assert says(expected, output) is same
