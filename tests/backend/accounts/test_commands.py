"""What an operator does about users, also beside a running backend."""

import contextlib
import json
from pathlib import Path

import pytest

from sampler.backend.store import accounts as table
from sampler.backend.store.opening import open_store
from tests.backend.accounts.speaking import Client, login, post, refused, register, tokens
from tests.backend.commands import done, run

ON_BOTH = pytest.mark.usefixtures("database_url")
pytestmark = pytest.mark.usefixtures("database_in_environ")


@ON_BOTH
def test_users_are_listed_by_number_with_their_sessions(client: Client) -> None:
    register(client)
    register(client, username="Bob", email="Bob@Example.com")
    for _ in range(2):
        tokens(login(client, email="bob@example.com"))
    done("users", "disable", "1")

    ada, bob = json.loads(done("users", "list", "--json"))
    registered, disabled = ada.pop("registered"), ada.pop("disabled")
    assert ada == {"number": 1, "email": "ada@example.com", "username": "Ada", "sessions": 0}
    assert registered <= disabled
    assert registered.endswith(".000Z")
    assert (bob["email"], bob["username"], bob["disabled"], bob["sessions"]) == (
        "Bob@Example.com",
        "Bob",
        None,
        2,
    )
    lines = done("users", "list").splitlines()
    assert lines[0] == f"1  ada@example.com  Ada  since {registered}  disabled"
    assert lines[1] == f"2  Bob@Example.com  Bob  since {bob['registered']}  2 sessions"


def test_where_nobody_has_registered_it_says_so() -> None:
    done("migrate")
    assert done("users", "list") == "nobody has registered yet: that is done with POST /auth/register\n"
    assert json.loads(done("users", "list", "--json")) == []


@ON_BOTH
def test_a_disabled_user_is_out_until_enabled(client: Client) -> None:
    register(client)
    _, refresh = tokens(login(client))

    assert done("users", "disable", "ADA@example.com") == "disabled: 1 ada@example.com, 1 session ended\n"
    assert login(client).status_code == 401
    assert post(client, "refresh", {"refresh_token": refresh}).status_code == 401

    assert done("users", "enable", "1") == "enabled: 1 ada@example.com\n"
    assert post(client, "refresh", {"refresh_token": refresh}).status_code == 401
    tokens(login(client))


def test_disabling_again_keeps_the_first_time(client: Client, tmp_path: Path) -> None:
    register(client)
    with (
        contextlib.closing(open_store(f"sqlite:///{tmp_path / 'backend.db'}")) as store,
        store.writing() as session,
    ):
        table.disable(session, 1, 1_700_000_000)
    first = done("users", "list", "--json")

    assert done("users", "disable", "1") == "disabled: 1 ada@example.com, 0 sessions ended\n"
    assert done("users", "list", "--json") == first


@ON_BOTH
def test_a_revoked_user_logs_in_again(client: Client) -> None:
    register(client)
    sessions = [tokens(login(client)) for _ in range(2)]

    assert done("users", "revoke", "ada@example.com") == "1 ada@example.com: 2 sessions ended\n"
    for _, refresh in sessions:
        answer = post(client, "refresh", {"refresh_token": refresh})
        assert "the session has ended" in refused(answer)["detail"]
    tokens(login(client))


@pytest.mark.parametrize("command", ["disable", "enable", "revoke"])
@pytest.mark.parametrize("name", ["2", "0", "eve@example.com", "eve", "9" * 30, "\udcff"])
def test_somebody_who_is_not_there_is_named(client: Client, command: str, name: str) -> None:
    register(client)

    result = run("users", command, name)

    assert result.exit_code == 1
    assert "there is no user" in result.stderr
    assert "sampler backend users list shows who there is" in " ".join(result.stderr.split())


@pytest.mark.parametrize("command", [(), ("list",), ("disable",), ("enable",), ("revoke",)])
def test_help_has_examples(command: tuple[str, ...]) -> None:
    words = done("users", *command, "--help")

    assert f"  sampler backend users {' '.join(command)}" in words


def test_a_key_file_that_others_can_read_keeps_the_backend_from_starting(tmp_path: Path) -> None:
    key_file = tmp_path / "k"
    key_file.write_text("x" * 43)
    key_file.chmod(0o644)

    result = run("--port", "0", "--key-file", str(key_file))

    assert result.exit_code == 1
    assert result.stderr.startswith(
        f"Error: {key_file} has the mode 644, so others can use its keys: chmod 600"
    )
    assert "x" * 43 not in result.output
