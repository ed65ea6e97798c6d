"""What the operator types, and the words when it cannot be."""

import socket
import sys
from pathlib import Path

import apsw
import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from sampler.backend import command
from sampler.backend.settings import Settings, default_database_url


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a command that starts against all expectation out of the user's own state."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command.backend, arguments)


def refused(result: Result, code: int) -> str:
    """The words of a command that ended with this code, without the line breaks of the terminal's width."""
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def test_help_shows_every_option_and_examples() -> None:
    words = run("--help").output

    for option in (
        "--host",
        "--port",
        "--database",
        "--output-file",
        "--fail-rate",
        "--fail-after",
        "--seed",
    ):
        assert option in words
    assert "  sampler backend --fail-rate 0.4 --fail-after 0.1 --seed 7\n" in words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fail-rate", "1.5"], "'--fail-rate': 1.5 is not in the range 0.0<=x<=1.0"),
        (["--fail-rate", "nan"], "'--fail-rate': nan is not in the range"),
        (["--fail-after", "-0.1"], "'--fail-after': -0.1 is not in the range"),
        (["--port", "70000"], "'--port': 70000 is not in the range"),
        (["--max-body", "10"], "'--max-body': 10 is not in the range"),
        (["--keys-kept", "7"], "'7' is no duration: write it as 90d"),
        (["--seed", "x"], "'--seed': 'x' is not a valid integer"),
        (
            ["--database", "mysql://x/y"],
            "it names no database: write sqlite:///backend.db or",
        ),
        (["--database", "sqlite:///:memory:"], "names no database"),
        (["--database", "sqlite:///"], "names no database"),
        (["--database", "backend.db"], "names no database"),
        (["extra"], "No such command 'extra'"),
        (["--port", "0", "verify"], "--port must be written behind verify"),
        (
            ["--database", "postgresql://me:secret@x/y"],
            "everybody on this machine could read the password",
        ),
    ],
)
def test_a_wrong_option_is_a_usage_error(arguments: list[str], words: str) -> None:
    assert words in refused(run(*arguments), 2)


def test_a_taken_port_names_the_cure(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        words = refused(run("--port", port, "--database", f"sqlite:///{tmp_path}/backend.db"), 1)

    assert words == f"Error: port {port} is taken: choose another with --port, 0 takes a free one"
    assert not (tmp_path / "backend.db").exists()


def test_an_address_of_another_machine_names_the_cure(tmp_path: Path) -> None:
    words = refused(
        run("--host", "192.0.2.1", "--port", "0", "--database", f"sqlite:///{tmp_path}/backend.db"), 1
    )

    assert words.startswith("Error: cannot listen on 192.0.2.1: ")
    assert words.endswith("name an address of this machine with --host")


def test_a_database_that_cannot_be_written_names_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    words = refused(run("--port", "0", "--database", f"sqlite:///{tmp_path}/file/backend.db"), 1)

    assert words.startswith("Error: the database cannot be used: ")
    assert words.endswith("name a file that can be written with --database")


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "letters.txt"
    other.write_text("not a database " * 100)

    assert "the database cannot be used" in refused(run("--port", "0", "--database", f"sqlite:///{other}"), 1)
    assert other.read_text() == "not a database " * 100


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    connection = apsw.Connection(str(other))
    connection.execute("CREATE TABLE letters (words)")
    connection.close()
    before = other.read_bytes()

    assert "is some other program's database" in refused(
        run("--port", "0", "--database", f"sqlite:///{other}"), 1
    )
    assert other.read_bytes() == before


def test_an_output_file_that_cannot_be_written_names_the_cure(tmp_path: Path) -> None:
    arguments = ["--port", "0", "--database", f"sqlite:///{tmp_path}/backend.db"]

    words = refused(run(*arguments, "--output-file", str(tmp_path / "nowhere" / "output.txt")), 1)

    assert words.startswith("Error: the output file cannot be written: ")
    assert words.endswith("name another with --output-file")


def test_a_device_without_the_backends_libraries_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in [name for name in sys.modules if name.startswith("sampler.backend.") or name == "litestar"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "litestar", None)

    assert refused(run(), 1) == "Error: litestar is missing: pip install '.[backend]' in sampler's folder"


def test_the_database_lies_in_the_state_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/home/someone/state")
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    assert default_database_url() == "sqlite:////home/someone/state/sampler/backend.db"

    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/sampler")
    assert default_database_url() == "sqlite:////var/lib/sampler/backend.db"


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | st.sampled_from(
    [
        "nan",
        "-1",
        "65536",
        "1e400",
        "400d",
        "a=1d",
        "=1d",
        "0d",
        "UTC",
        "sqlite:///x",
        "http://[::1]:8000",
        "/",
    ]
)
OPTIONS = [parameter.opts[0] for parameter in command.backend.params if not parameter.secondary_opts]


@given(st.lists(st.tuples(st.sampled_from(OPTIONS), TEXTS), max_size=3))
def test_any_options_are_settings_or_refused_with_words(options: list[tuple[str, str]]) -> None:
    try:
        with command.backend.make_context(
            "backend", [word for option in options for word in option]
        ) as context:
            Settings(**context.params)
    except click.UsageError as error:
        words = error.format_message()
    else:
        words = "settings"
    assert words
